import * as z from 'zod'

/** The vCPU features and VM capabilities a VMM may ask KVM for, by our names; arm64/vcpu-features has KVM's. */
export const VCPU_FEATURES = ['sve', 'pointerAuthentication', 'pmu', 'el1_32bit', 'el2', 'mte'] as const
export type VcpuFeature = (typeof VCPU_FEATURES)[number]

const policy = z.enum(['Disabled', 'Allowed', 'Required'])
export type VcpuFeaturePolicy = z.infer<typeof policy>

/** What a VM may ask for: Disabled is hidden from the VMM, Allowed is left to the VMM, Required must be had by the host. */
export const vcpuFeaturePolicies = z
  .object({
    sve: policy.optional().describe('Scalable Vector Extension (KVM_ARM_VCPU_SVE).'),
    pointerAuthentication: policy
      .optional()
      .describe('Pointer authentication (KVM_ARM_VCPU_PTRAUTH_ADDRESS and _GENERIC).'),
    pmu: policy.optional().describe('Performance Monitors Extension (KVM_ARM_VCPU_PMU_V3).'),
    el1_32bit: policy.optional().describe('AArch32 at EL1 (KVM_ARM_VCPU_EL1_32BIT).'),
    el2: policy.optional().describe('Nested virtualization (KVM_ARM_VCPU_HAS_EL2).'),
    mte: policy.optional().describe('Memory Tagging Extension (KVM_CAP_ARM_MTE).'),
  })
  .describe(
    'vCPU features: Disabled hides one from the VMM, Allowed leaves it to the VMM, Required makes hosts without it unfit.',
  )

export type VcpuFeaturePolicies = z.infer<typeof vcpuFeaturePolicies>
