import {
  KVM_ARM_VCPU_FINALIZE,
  KVM_ARM_VCPU_INIT,
  KVM_CREATE_VM,
  KVM_GET_REG_LIST,
} from '../../linux/abi/kvm.ts'
import { KVM_CAPABILITIES } from '../../linux/abi/kvm-numbers.generated.ts'
import type { FilteredIoctls } from '../../linux/seccomp/filter-program.ts'
import type { LaunchPolicy } from './launch-policy.ts'
import { shownIpaBits } from './shown-ipa-bits.ts'

const vcpuRequests = (policy: LaunchPolicy): number[] => {
  const levelsLists = policy.excludedRegisters.size > 0
  // With SVE the list can be had from its FINALIZE on (a VMM may ask for it while the VM runs), and the lengths that were written last
  // from then on, and what its INIT should have asked for is judged; without, there is nothing to finalise.
  const finalises =
    levelsLists ||
    policy.sveVectorLengths !== undefined ||
    policy.disabledFeatures.includes('sve') ||
    policy.requiredVcpuFeatures.some((feature) => feature !== 'sve')
  return [
    KVM_ARM_VCPU_INIT,
    ...(levelsLists ? [KVM_GET_REG_LIST] : []),
    ...(finalises ? [KVM_ARM_VCPU_FINALIZE] : []),
  ]
}

/**
 * What the filter of a launch hides and notifies; calls that the plan does not need are let pass. `hostIpaBits`: what the host answers for
 * KVM_CAP_ARM_VM_IPA_SIZE, 0 if it could not be asked.
 */
export const filteredIoctls = (policy: LaunchPolicy, hostIpaBits: number): FilteredIoctls => ({
  hidden: [...policy.hiddenCapabilities.keys()],
  requests: [KVM_CREATE_VM, ...vcpuRequests(policy)],
  capabilities:
    shownIpaBits(policy, hostIpaBits) === undefined ? [] : [KVM_CAPABILITIES.KVM_CAP_ARM_VM_IPA_SIZE],
})
