import type { PlanFinding } from '../../api/finding.ts'
import { NEUTRAL_INIT_BITS, VCPU_FEATURE_FACTS } from '../../arm64/vcpu-feature-table.generated.ts'
import { vcpuFeatureOfInitBit } from '../../arm64/vcpu-features.ts'
import { KVM_VCPU_INIT } from '../../linux/abi/kvm.ts'
import type { LaunchPolicy } from './launch-policy.ts'
import { refusal } from '../../catalogue/refusal-reasons.ts'

/** The numbers of the vCPU features that a struct kvm_vcpu_init asks for. */
export const requestedFeatures = (init: Buffer): number[] =>
  Array.from({ length: (KVM_VCPU_INIT.size - KVM_VCPU_INIT.features) * 8 }, (_, bit) => bit).filter(
    (bit) => ((init[KVM_VCPU_INIT.features + (bit >> 3)] ?? 0) & (1 << (bit & 7))) !== 0,
  )

/** Whether SVE is among them: its vector lengths are then written, and the register list waits for KVM_ARM_VCPU_FINALIZE. */
export const requestsSve = (bits: readonly number[]): boolean =>
  VCPU_FEATURE_FACTS.sve.initBits.some((bit) => bits.includes(bit))

/** What is asked for and must not be: features the plan disables, and bits that this version does not know. */
export const forbiddenFeatures = (policy: LaunchPolicy, bits: readonly number[]): PlanFinding[] =>
  bits
    .filter((bit) => !NEUTRAL_INIT_BITS.includes(bit))
    .flatMap((bit) => {
      const feature = vcpuFeatureOfInitBit(bit)
      if (feature === undefined) {
        return [refusal({ reason: 'UnknownVcpuFeature', field: `features[${bit >> 5}] bit ${bit & 31}` })]
      }
      return policy.disabledFeatures.includes(feature)
        ? [refusal({ reason: 'VcpuFeatureDisabled', field: feature, wanted: 'Disabled' })]
        : []
    })
