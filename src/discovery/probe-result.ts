import type { HostDocument } from '../api/host-document.ts'

/** The result of asking this machine's KVM. Every probe ends in one of these, never in an exception. */
export type ProbeResult =
  | { readonly kind: 'probed'; readonly host: HostDocument }
  | NoKvm
  | {
      /** There is a KVM, but it does not report writable masks, so nothing could be levelled. */
      readonly kind: 'kernel-too-old'
      readonly release: string
      readonly message: string
      readonly remedy: string
    }
  | {
      /** KVM gave an answer that no known kernel gives; `step` is the question. */
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
