import type { CpuFeatureProfileSpec } from '../../api/cpu-feature-profile.ts'
import type { VcpuFeature } from '../../api/vcpu-feature.ts'
import type { VcpuFeaturePolicies } from '../../api/vcpu-feature-policy.ts'
import type { ToleratedDifference } from '../../api/finding.ts'
import type { Field } from '../../arm64/field.ts'
import type { FieldRef } from '../../arm64/field-ref.ts'
import { inertDifference, inertField } from '../../arm64/inert-fields.ts'
import type { UnlevelledField } from './common-register.ts'
import { featuresOfField } from '../../arm64/field-features.ts'
import { isTagLine } from '../../plan/untrapped.ts'
import { isFullView, requiredVcpuFeatures } from '../spec/vcpu-policies.ts'

/** What a profile tolerates: `spec.tolerate` with its defaults filled in. */
export type Tolerance = {
  readonly inert: boolean
  readonly features: ReadonlySet<string>
  readonly surplus: boolean
  /** What VMs of the profile have: with EL2 or MTE fewer fields are inert. */
  readonly vcpuFeatures: readonly VcpuFeature[]
}

/** `features`: what `tolerate.features` names, by Arm's names. */
export const tolerance = (
  spec: CpuFeatureProfileSpec,
  policies: VcpuFeaturePolicies,
  features: readonly string[],
): Tolerance => ({
  inert: (spec.tolerate?.inert ?? (isFullView(spec) ? 'Accept' : 'Refuse')) === 'Accept',
  features: new Set(features),
  surplus: spec.tolerate?.surplus === 'AcceptOneWay',
  vcpuFeatures: requiredVcpuFeatures(policies),
})

/** Whether a guest with these vCPU features cannot act on any difference between these raw values. */
export const isInert = (
  ref: FieldRef,
  values: readonly number[],
  vcpuFeatures: readonly VcpuFeature[],
): boolean =>
  values.every((a) =>
    values.every((b) => a === b || inertDifference(ref, [a, b], vcpuFeatures) !== undefined),
  )

/** KVM hides the tag line from user space, so no write could level it. Without tags the profile is not asked about it. */
const acceptsInert = ({ register, field }: FieldRef, { inert }: Tolerance): boolean =>
  inert || isTagLine({ register, field: field.name })

const isNamed = (ref: FieldRef, { features }: Tolerance): boolean =>
  featuresOfField(ref).some((name) => features.has(name))

// A higher value of a lower-safe field is a surplus. In other fields nobody can say which of two values is more.
const canBeSurplus = (field: Field): boolean => field.rule === 'LowerSafe' || field.rule === 'None'

/** By which tolerance a field may differ between hosts, if by any: the one that promises most to the guest. */
export const toleratedKind = (
  { register, field, values }: UnlevelledField,
  tolerates: Tolerance,
): ToleratedDifference['kind'] | undefined => {
  if (field === undefined) return undefined
  const ref = { register, field }
  if (acceptsInert(ref, tolerates) && isInert(ref, values, tolerates.vcpuFeatures)) return 'Inert'
  if (isNamed(ref, tolerates)) return 'Named'
  return tolerates.surplus && canBeSurplus(field) ? 'Surplus' : undefined
}

/** Whether a difference that a kept baseline rests on is still tolerated. */
export const stillTolerated = (
  kind: ToleratedDifference['kind'],
  ref: FieldRef,
  tolerates: Tolerance,
): boolean => {
  switch (kind) {
    case 'Inert':
      return acceptsInert(ref, tolerates) && inertField(ref, tolerates.vcpuFeatures) !== undefined
    case 'Named':
      return isNamed(ref, tolerates)
    case 'Surplus':
      return tolerates.surplus
    default:
      return kind satisfies never
  }
}
