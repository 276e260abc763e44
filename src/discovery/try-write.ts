import { errnoName } from '../linux/errno.ts'
import type { InitialisedVcpu } from '../linux/kvm/initialised-vcpu.ts'

/** What KVM did with a value: refused it with an errno, or kept `stored`. */
export type WriteOutcome = { readonly errno: string } | { readonly stored: bigint }

/** KVM_SET_ONE_REG, then KVM_GET_ONE_REG for the value that KVM kept. Does not restore the register. */
export const tryWrite = (vcpu: InitialisedVcpu, id: bigint, value: bigint): WriteOutcome => {
  const errno = vcpu.setOneReg(id, value)
  return errno === 0 ? { stored: vcpu.getOneReg(id) } : { errno: errnoName(errno) }
}
