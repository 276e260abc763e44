import { VCPU_FEATURE_FACTS } from '../arm64/vcpu-feature-table.generated.ts'
import { SystemCallError } from '../linux/errno.ts'
import type { Kvm } from '../linux/kvm/kvm.ts'
import { withScratchVm } from './scratch-vm.ts'
import type { VcpuConfiguration } from './vcpu-configuration.ts'
import { readVcpuRegisters, type VcpuRegisters } from './vcpu-registers.ts'

/** KVM's answer to "can a VM be like this?"; `unknown` is neither yes nor no, and must not be taken for `refused`. */
export type ConfigurationAnswer =
  | { readonly kind: 'given'; readonly registers: VcpuRegisters }
  | { readonly kind: 'refused' }
  | { readonly kind: 'unknown'; readonly error: SystemCallError }

// Where KVM says no, and how. EINVAL: this host has it not; ENOENT: this kernel knows not the bit; EOPNOTSUPP: not in this mode.
const REFUSING_CALLS = ['ioctl KVM_ENABLE_CAP', 'ioctl KVM_ARM_VCPU_INIT', 'ioctl KVM_ARM_VCPU_FINALIZE']
const REFUSALS = ['EINVAL', 'ENOENT', 'EOPNOTSUPP']

/** Whether a failed call is KVM's `no`. */
export const isRefusal = ({ syscall, code }: SystemCallError): boolean =>
  REFUSING_CALLS.includes(syscall) && REFUSALS.includes(code)

/**
 * Can a VM have this configuration, and what do its vCPUs show? Asked of the capabilities and then of KVM_ARM_VCPU_INIT,
 * which alone knows: a capability can be there while a workaround or the mode KVM runs in forbids the feature. One VM for
 * both, since closing one with EL2 takes seconds on some kernels.
 */
export const askConfiguration = (kvm: Kvm, configuration: VcpuConfiguration): ConfigurationAnswer => {
  const needed = configuration.vcpuFeatures.flatMap((feature) => VCPU_FEATURE_FACTS[feature].capabilities)
  if (needed.some(({ name }) => kvm.checkExtension(name) <= 0)) return { kind: 'refused' }
  try {
    return {
      kind: 'given',
      registers: withScratchVm(kvm, configuration, (vcpu) => readVcpuRegisters(vcpu.finalize())),
    }
  } catch (error) {
    if (!(error instanceof SystemCallError)) throw error
    return isRefusal(error) ? { kind: 'refused' } : { kind: 'unknown', error }
  }
}
