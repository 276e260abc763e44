import { AARCH64_SYSCALLS, AUDIT_ARCH_AARCH64 } from '../abi/aarch64-syscalls.ts'
import { BPF_JUMP_EQUAL, BPF_LOAD_WORD, BPF_RETURN } from '../abi/bpf.ts'
import type { BpfInstruction } from '../abi/bpf.ts'
import { KVM_CHECK_EXTENSION, KVM_RUN } from '../abi/kvm.ts'
import { SECCOMP_DATA, SECCOMP_RET_ALLOW, SECCOMP_RET_ERRNO, SECCOMP_RET_USER_NOTIF } from '../abi/seccomp.ts'

/** What the filter does with which ioctls. */
export type FilteredIoctls = {
  /** KVM_CHECK_EXTENSION of these capabilities returns 0, and nobody is told. */
  readonly hidden: readonly number[]
  /** Notified by request, whatever the argument; not KVM_CHECK_EXTENSION. */
  readonly requests: readonly number[]
  /** KVM_CHECK_EXTENSION of these capabilities is notified. */
  readonly capabilities: readonly number[]
}

type Target = 'next' | 'allow' | 'notify' | 'hide'
type Step =
  | { readonly kind: 'load'; readonly offset: number }
  | { readonly kind: 'compare'; readonly value: number; readonly equal: Target; readonly other: Target }

// arm64 is little-endian: the low word of args[n] comes first. The kernel takes an ioctl's request as 32 bits, and callers pass
// it as int or long: only the low word may be compared.
const lowWordOfArgument = (index: number): number => SECCOMP_DATA.args + 8 * index

const load = (offset: number): Step => ({ kind: 'load', offset })
const compare = (value: number, equal: Target, other: Target): Step => ({
  kind: 'compare',
  value,
  equal,
  other,
})

/** A program that allows everything except the named ioctls of arm64 code. The first comparison of a request allows KVM_RUN. */
export const filterProgram = ({ hidden, requests, capabilities }: FilteredIoctls): BpfInstruction[] => {
  const steps: Step[] = [
    load(SECCOMP_DATA.nr),
    compare(AARCH64_SYSCALLS.ioctl, 'next', 'allow'),
    load(lowWordOfArgument(1)),
    compare(KVM_RUN, 'allow', 'next'),
    load(SECCOMP_DATA.arch),
    compare(AUDIT_ARCH_AARCH64, 'next', 'allow'),
    load(lowWordOfArgument(1)),
    ...requests.map((request) => compare(request, 'notify', 'next')),
    compare(KVM_CHECK_EXTENSION, 'next', 'allow'),
    load(lowWordOfArgument(2)),
    ...hidden.map((capability) => compare(capability, 'hide', 'next')),
    ...capabilities.map((capability) => compare(capability, 'notify', 'next')),
  ]
  const allow = steps.length
  const distance = (target: Target, from: number): number =>
    ({ next: 0, allow: allow - from - 1, notify: allow - from, hide: allow - from + 1 })[target]
  return [
    ...steps.map((step, index) =>
      step.kind === 'load'
        ? { code: BPF_LOAD_WORD, ifTrue: 0, ifFalse: 0, k: step.offset }
        : {
            code: BPF_JUMP_EQUAL,
            ifTrue: distance(step.equal, index),
            ifFalse: distance(step.other, index),
            k: step.value,
          },
    ),
    { code: BPF_RETURN, ifTrue: 0, ifFalse: 0, k: SECCOMP_RET_ALLOW },
    { code: BPF_RETURN, ifTrue: 0, ifFalse: 0, k: SECCOMP_RET_USER_NOTIF },
    // Errno 0: seccomp sets the result to 0 (__seccomp_filter, kernel/seccomp.c, 6.12).
    { code: BPF_RETURN, ifTrue: 0, ifFalse: 0, k: SECCOMP_RET_ERRNO },
  ]
}
