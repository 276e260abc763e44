import * as z from 'zod'
import { VCPU_FEATURE_DESCRIPTIONS } from './vcpu-feature-descriptions.generated.ts'
import { VCPU_FEATURES } from './vcpu-feature.ts'
import type { VcpuFeature } from './vcpu-feature.ts'

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
