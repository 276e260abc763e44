import { closeSync, openSync } from 'node:fs'
import { KVM_CHECK_EXTENSION } from '../../linux/abi/kvm.ts'
import { KVM_CAPABILITIES } from '../../linux/abi/kvm-numbers.generated.ts'
import { ioctl } from '../../linux/ioctl.ffi.ts'
import type { LaunchPolicy } from '../decide/launch-policy.ts'

/** What this host answers for KVM_CAP_ARM_VM_IPA_SIZE; 0 if the plan leaves it, or /dev/kvm cannot be asked. */
export const hostIpaBits = ({ ipaBits }: Pick<LaunchPolicy, 'ipaBits'>): number => {
  if (ipaBits === undefined) return 0
  let kvm: number
  try {
    kvm = openSync('/dev/kvm', 'r+')
  } catch {
    return 0
  }
  try {
    return Math.max(0, ioctl(kvm, KVM_CHECK_EXTENSION, KVM_CAPABILITIES.KVM_CAP_ARM_VM_IPA_SIZE).result)
  } finally {
    closeSync(kvm)
  }
}
