import * as z from 'zod'
import { VCPU_FEATURE_DESCRIPTIONS } from './vcpu-feature-descriptions.generated.ts'

/** A vCPU feature or VM capability that a VMM may ask KVM for, by our name; facts/vcpu_features.tsv has KVM's. */
export type VcpuFeature = keyof typeof VCPU_FEATURE_DESCRIPTIONS

/** Every vCPU feature, in the order of the table. */
export const VCPU_FEATURES = Object.keys(VCPU_FEATURE_DESCRIPTIONS) as VcpuFeature[]

const policy = z.enum(['Disabled', 'Allowed', 'Required'])
export type VcpuFeaturePolicy = z.infer<typeof policy>

/** What a VM may ask for: Disabled hides the feature from the VMM, Allowed leaves it to the VMM, Required excludes hosts without it. */
export const vcpuFeaturePolicies = z
  .object(
    Object.fromEntries(
      VCPU_FEATURES.map((name) => [name, policy.optional().describe(VCPU_FEATURE_DESCRIPTIONS[name])]),
    ) as Record<VcpuFeature, z.ZodOptional<typeof policy>>,
  )
  .describe(
    'vCPU features. Disabled hides one from the VMM, Allowed leaves it to the VMM, and Required excludes hosts without it.',
  )

export type VcpuFeaturePolicies = z.infer<typeof vcpuFeaturePolicies>
