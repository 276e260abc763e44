import { VCPU_FEATURE_FACTS } from '../arm64/vcpu-feature-table.generated.ts'
import { SystemCallError } from '../linux/errno.ts'
import type { Kvm } from '../linux/kvm/kvm.ts'
import { withScratchVm } from './scratch-vm.ts'
import type { VcpuConfiguration } from './vcpu-configuration.ts'
import { readVcpuRegisters, type VcpuRegisters } from './vcpu-registers.ts'

/** KVM's answer to "can a VM be like this?". `unknown` is neither yes nor no, and must not count as `refused`. */
export type ConfigurationAnswer =
  | { readonly kind: 'given'; readonly registers: VcpuRegisters }
  | { readonly kind: 'refused' }
  | { readonly kind: 'unknown'; readonly error: SystemCallError }

// How KVM says no. EINVAL: this host lacks the feature; ENOENT: this kernel does not know the bit; EOPNOTSUPP: not in this mode.
const REFUSING_CALLS = ['ioctl KVM_ENABLE_CAP', 'ioctl KVM_ARM_VCPU_INIT', 'ioctl KVM_ARM_VCPU_FINALIZE']
const REFUSALS = ['EINVAL', 'ENOENT', 'EOPNOTSUPP']

/** Whether a failed call is KVM's `no`. */
export const isRefusal = ({ syscall, code }: SystemCallError): boolean =>
  REFUSING_CALLS.includes(syscall) && REFUSALS.includes(code)

/**
 * Can a VM have this configuration, and what do its vCPUs show? Asks the capabilities first, and then KVM_ARM_VCPU_INIT, which
 * has the last word: KVM may announce a capability while a workaround or its mode forbids the feature. Uses one VM for both
 * questions, because closing a VM with EL2 takes seconds on some kernels.
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
