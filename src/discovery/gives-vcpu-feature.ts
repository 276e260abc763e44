import type { VcpuFeature } from '../api/vcpu-feature-policy.ts'
import { SystemCallError } from '../linux/errno.ts'
import type { Kvm } from '../linux/kvm/kvm.ts'
import { withScratchVm } from './scratch-vm.ts'
import { VCPU_FEATURE_REQUESTS } from './vcpu-configuration.ts'

/** A kernel's answer to a yes-or-no question; `unknown` is neither, and must not be taken for `no`. */
export type KernelAnswer =
  | { readonly kind: 'yes' }
  | { readonly kind: 'no' }
  | { readonly kind: 'unknown'; readonly error: SystemCallError }

// EINVAL: this host has not the feature; ENOENT: this kernel knows not its bit; EOPNOTSUPP: not in this mode of KVM.
const REFUSALS = ['EINVAL', 'ENOENT', 'EOPNOTSUPP', 'ENOTSUP']

/**
 * Does this host give a vCPU the feature? Asked of the capabilities and then of KVM_ARM_VCPU_INIT itself, which alone knows
 * (a capability can be there while the mode KVM runs in, or a workaround, forbids the feature).
 */
export const givesVcpuFeature = (kvm: Kvm, feature: VcpuFeature): KernelAnswer => {
  const { capabilities } = VCPU_FEATURE_REQUESTS[feature]
  if (capabilities.some((capability) => kvm.checkExtension(capability) <= 0)) return { kind: 'no' }
  try {
    withScratchVm(kvm, { vcpuFeatures: [feature], implementationId: false }, (vcpu) => vcpu.finalize())
    return { kind: 'yes' }
  } catch (error) {
    if (!(error instanceof SystemCallError)) throw error
    return REFUSALS.includes(error.code) ? { kind: 'no' } : { kind: 'unknown', error }
  }
}
