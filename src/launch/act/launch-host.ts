import { closeSync, openSync } from 'node:fs'
import { release } from 'node:os'
import { KVM_CHECK_EXTENSION } from '../../linux/abi/kvm.ts'
import { KVM_CAPABILITIES } from '../../linux/abi/kvm-numbers.generated.ts'
import { ioctl } from '../../linux/ioctl.ffi.ts'
import type { LaunchHost } from '../decide/call-situation.ts'
import type { LaunchPolicy } from '../decide/launch-policy.ts'

/** Linux 6.10 is the first that keeps CLIDR_EL1 over a reset (kvm_reset_sys_regs, arch/arm64/kvm/sys_regs.c). */
const KEEPS_CLIDR = [6, 10] as const

/** Whether the kernel of a release (uname -r) is one that keeps CLIDR_EL1 over a reset of a vCPU. */
export const keepsClidr = (release: string): boolean => {
  const [major = 0, minor = 0] = release.split('.').map((part) => parseInt(part, 10))
  return major > KEEPS_CLIDR[0] || (major === KEEPS_CLIDR[0] && minor >= KEEPS_CLIDR[1])
}

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

/** What of this host decides something under a policy. */
export const launchHost = (policy: Pick<LaunchPolicy, 'ipaBits'>): LaunchHost => ({
  ipaBits: hostIpaBits(policy),
  keepsClidr: keepsClidr(release()),
})
