import type { HostDocument } from '../api/host-document.ts'

/** What came of asking this machine's KVM. Every end of a probe is one of these; none is an exception. */
export type ProbeResult =
  | { readonly kind: 'probed'; readonly host: HostDocument }
  | NoKvm
  | {
      /** KVM is there, but tells no writable masks: nothing could be levelled. */
      readonly kind: 'kernel-too-old'
      readonly release: string
      readonly message: string
      readonly remedy: string
    }
  | {
      /** KVM answered something that no kernel we know answers: `step` is what was being asked. */
      readonly kind: 'failed'
      readonly step: string
      readonly errno: string
      readonly message: string
      readonly remedy: string
    }

/** There is no KVM to ask; `errno` is that of opening it, by name. */
export type NoKvm = {
  readonly kind: 'no-kvm'
  readonly errno: string
  readonly message: string
  readonly remedy: string
}
