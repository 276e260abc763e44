import type { VcpuFeature } from '../../api/vcpu-feature.ts'
import type { VcpuFeaturePolicies } from '../../api/vcpu-feature-policy.ts'
import { featureByName } from '../../arm64/feature-registry.ts'
import { vcpuFeatureShowing } from '../../arm64/feature-vcpu.ts'
import { vcpuFeatureOfField } from '../../arm64/vcpu-features.ts'
import type { FeatureEntry } from './feature-entries.ts'
import type { NotAccepted } from '../compile-result.ts'
import type { ConstraintSet } from './constraint-set.ts'
import type { FieldConstraint } from './field-constraint.ts'

// These fields are zero exactly if the VMM did not ask for the vCPU feature: a constraint of 0 disables it.
const MAIN_FIELDS: Readonly<Record<string, VcpuFeature>> = {
  'ID_AA64PFR0_EL1.SVE': 'sve',
  'ID_AA64ISAR1_EL1.APA': 'pointerAuthentication',
  'ID_AA64ISAR1_EL1.API': 'pointerAuthentication',
  'ID_AA64ISAR2_EL1.APA3': 'pointerAuthentication',
  'ID_AA64DFR0_EL1.PMUVer': 'pmu',
  'ID_AA64PFR1_EL1.MTE': 'mte',
}

/** The policies, and those that `features` and `registers` imply. */
export type ImpliedPolicies = {
  readonly kind: 'policies'
  readonly policies: VcpuFeaturePolicies
  readonly notes: readonly string[]
}

/** What a spec asks of fields, and the features it requires. */
export type AskedFields = {
  readonly constraints: ConstraintSet
  readonly required: readonly FeatureEntry[]
}

type Implied = {
  readonly feature: VcpuFeature
  readonly policy: 'Disabled' | 'Required'
  readonly place: string
}

const implied = (key: string, constraint: FieldConstraint): Implied | undefined => {
  const feature = vcpuFeatureOfField(constraint)
  if (feature === undefined) return undefined
  const least = constraint.exactly ?? constraint.atLeast
  if (least !== undefined && least.value !== 0) return { feature, policy: 'Required', place: least.place }
  const most = constraint.exactly ?? constraint.atMost
  return most?.value === 0 && MAIN_FIELDS[key] !== undefined
    ? { feature, policy: 'Disabled', place: most.place }
    : undefined
}

/** The vCPU feature without which no guest has the feature, in whichever of its forms. */
const neededBy = ({ name, place }: FeatureEntry): readonly Implied[] => {
  const found = featureByName(name)
  const feature = found && vcpuFeatureShowing(found)
  return feature === undefined ? [] : [{ feature, policy: 'Required', place }]
}

const contradictory = ({ feature, policy, place }: Implied, asked: string): NotAccepted => ({
  kind: 'not-accepted',
  reason: 'ContradictingEntries',
  message: `${place} needs vcpuFeatures.${feature}: ${policy}, spec.vcpuFeatures.${feature} says ${asked}`,
})

/**
 * Turns a constraint that only a vCPU feature can meet (KVM lets nobody write these fields) into the policy of that feature, unless the
 * spec says the opposite. `asked` is what the spec says, `defaults` what follows from the base.
 */
export const policiesOfConstraints = (
  { constraints, required }: AskedFields,
  asked: VcpuFeaturePolicies,
  defaults: VcpuFeaturePolicies,
): ImpliedPolicies | NotAccepted => {
  const policies = { ...defaults }
  const notes: string[] = []
  const settled = new Map<VcpuFeature, Implied>()
  const all = [
    ...[...constraints].flatMap(([key, constraint]) => implied(key, constraint) ?? []),
    ...required.flatMap(neededBy),
  ]
  for (const wanted of all) {
    const { feature, policy, place } = wanted
    const said = settled.get(feature)?.policy ?? asked[feature]
    if (said !== undefined && said !== 'Allowed' && said !== policy) return contradictory(wanted, said)
    settled.set(feature, wanted)
    if (policies[feature] === policy) continue
    policies[feature] = policy
    notes.push(`vcpuFeatures.${feature} is ${policy}: ${place} asks for what comes with it`)
  }
  return { kind: 'policies', policies, notes }
}
