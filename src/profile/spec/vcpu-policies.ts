import type { CpuFeatureProfileSpec } from '../../api/cpu-feature-profile.ts'
import { VCPU_FEATURES } from '../../api/vcpu-feature.ts'
import type { VcpuFeature } from '../../api/vcpu-feature.ts'
import type { VcpuFeaturePolicies } from '../../api/vcpu-feature-policy.ts'

/** Whether the base specifies every bit: docs/concepts.md has which bases do. */
export const isFullView = ({ base }: CpuFeatureProfileSpec): boolean => base.host === undefined

/** The plan's policy for each vCPU feature, and what was done beyond what the profile asks for. */
export type VcpuPolicies = { readonly policies: VcpuFeaturePolicies; readonly notes: readonly string[] }

/**
 * Base `host`: what the profile names. A full view: everything that is not Required is Disabled, so that guests look the same
 * whatever their VMM asks for.
 */
export const vcpuPolicies = (spec: CpuFeatureProfileSpec): VcpuPolicies => {
  const asked = spec.vcpuFeatures ?? {}
  const named = VCPU_FEATURES.filter((name) => asked[name] === 'Disabled' || asked[name] === 'Required')
  if (!isFullView(spec)) {
    return { policies: Object.fromEntries(named.map((name) => [name, asked[name]])), notes: [] }
  }
  return {
    policies: Object.fromEntries(
      VCPU_FEATURES.map((name) => [name, asked[name] === 'Required' ? 'Required' : 'Disabled']),
    ),
    notes: VCPU_FEATURES.filter((name) => asked[name] === 'Allowed').map(
      (name) =>
        `vcpuFeatures.${name} is Disabled although the profile says Allowed: a full view leaves nothing to the VMM; ` +
        'say Required or Disabled',
    ),
  }
}

/** The vCPU features a plan requires: the configuration its hosts are judged by. */
export const requiredVcpuFeatures = (policies: VcpuFeaturePolicies): readonly VcpuFeature[] =>
  VCPU_FEATURES.filter((name) => policies[name] === 'Required')
