import { KVM_CHECK_EXTENSION, KVM_RUN } from '../../linux/abi/kvm.ts'
import { SECCOMP_REQUESTS } from '../../linux/abi/seccomp.ts'
import type { FilteredIoctls } from '../../linux/seccomp/filter-program.ts'
import { maskedCover, type MaskedValue } from '../../linux/seccomp/masked-cover.ts'
import { remembered } from '../../plan/remembered.ts'
import { ERRNO, NOTIFY, type OciArgument, type OciRule } from './oci-seccomp.ts'

const EPERM = 1

/** The kernel takes an ioctl's request as 32 bits, and callers pass it as int or long: only the low word may be compared. */
const WORD = 0xffff_ffffn
const WIDTH = 32

const REQUEST = 1
const ARGUMENT = 2

const masked = (index: number, { mask, value }: MaskedValue): OciArgument => ({
  index,
  value: mask,
  valueTwo: value,
  op: 'SCMP_CMP_MASKED_EQ',
})
const exactly = (index: number, value: number): OciArgument => ({ index, value, op: 'SCMP_CMP_EQ' })
const atLeast = (index: number, value: number): OciArgument => ({ index, value, op: 'SCMP_CMP_GE' })

const word = (request: number): MaskedValue => ({ mask: WORD, value: BigInt(request) })

type Outcome = { readonly action: string; readonly errnoRet?: number }

const ioctl = (outcome: Outcome, args: OciArgument[]): OciRule => ({ names: ['ioctl'], ...outcome, args })

const CHECK_EXTENSION = masked(REQUEST, word(KVM_CHECK_EXTENSION))

const notified = ({ requests, capabilities }: FilteredIoctls): OciRule[] => [
  ...requests.map((request) => ioctl({ action: NOTIFY }, [masked(REQUEST, word(request))])),
  // The kernel compares the capability as a long (kvm_vm_ioctl_check_extension, 6.12), hence all 64 bits.
  ...capabilities.map((capability) =>
    ioctl({ action: NOTIFY }, [CHECK_EXTENSION, exactly(ARGUMENT, capability)]),
  ),
]

// Every profile needs these, and every look at the node makes the profiles anew.
const otherRequests = remembered(({ requests }: FilteredIoctls): readonly OciArgument[] =>
  maskedCover(WIDTH, [...[...requests, KVM_CHECK_EXTENSION].map(word), SECCOMP_REQUESTS]).map((one) =>
    masked(REQUEST, one),
  ),
)
const otherCapabilities = remembered(({ capabilities }: FilteredIoctls): readonly OciArgument[] => {
  const width = Math.max(...capabilities, 1).toString(2).length
  const bound = 2 ** width
  const highBits = 2n ** 64n - BigInt(bound)
  const excluded = capabilities.map((value) => ({ mask: BigInt(bound - 1), value: BigInt(value) }))
  return [
    atLeast(ARGUMENT, bound),
    ...maskedCover(width, excluded).map(({ mask, value }) =>
      masked(ARGUMENT, { mask: highBits + mask, value }),
    ),
  ]
})

const allOthers = (outcome: Outcome, filtered: FilteredIoctls): OciRule[] => [
  ...otherRequests(filtered).map((request) => ioctl(outcome, [request])),
  ...otherCapabilities(filtered).map((capability) => ioctl(outcome, [CHECK_EXTENSION, capability])),
]

/**
 * Rules for ioctl that notify `filtered`, and refuse the requests of a seccomp listener with EPERM. `otherwise` is what becomes of every
 * other ioctl; undefined: that is the default of the filter, and needs no rule.
 *
 * No two rules with different actions match the same call, because libseccomp does not say which of them wins: an unconditional ALLOW
 * swallows a NOTIFY without an error. That is also why there is no short rule for "all others".
 */
export const ioctlRules = (filtered: FilteredIoctls, otherwise: Outcome | undefined): readonly OciRule[] => [
  // Twice in the list, because libseccomp (2.5 and 2.6) looks first at the first rule that compares all 64 bits. So a running vCPU is not
  // held up by the rules below. Nothing but speed depends on that.
  ...(otherwise === undefined ? [] : [ioctl(otherwise, [exactly(REQUEST, KVM_RUN)])]),
  ...notified(filtered),
  ioctl({ action: ERRNO, errnoRet: EPERM }, [masked(REQUEST, SECCOMP_REQUESTS)]),
  ...(otherwise === undefined ? [] : allOthers(otherwise, filtered)),
]
