import type { PlanFinding } from '../../api/finding.ts'
import type { FieldRef } from '../../arm64/field-ref.ts'
import type { Toleration } from '../../catalogue/field-remedies.ts'
import { planFinding } from '../../catalogue/plan-reasons.ts'
import { featuresBetween } from '../../arm64/field-features.ts'
import type { UnlevelledField } from './common-register.ts'
import { disagreeingMembers } from './disagreeing-members.ts'
import type { Member } from './member.ts'
import type { VcpuFeature } from '../../api/vcpu-feature.ts'
import { vcpuFeatureOfField } from '../../arm64/vcpu-features.ts'
import { inertField } from '../../arm64/inert-fields.ts'
import { isInert } from './tolerated-kind.ts'

const MOST_NAMED = 8

const raw = (value: number): string => `0x${value.toString(16)}`

/** How the profile could tolerate the difference. */
const toleration = (
  ref: FieldRef,
  values: readonly number[],
  vcpuFeatures: readonly VcpuFeature[],
): Toleration => {
  if (isInert(ref, values, vcpuFeatures)) return { kind: 'inert' }
  const features = featuresBetween(ref, values)
  return features.length === 0 ? { kind: 'none' } : { kind: 'features', features }
}

/** The vCPU feature without which the difference would be inert. */
const actingWith = (ref: FieldRef, vcpuFeatures: readonly VcpuFeature[]): VcpuFeature | undefined => {
  const feature = inertField(ref)?.actsWith
  return feature !== undefined && vcpuFeatures.includes(feature) ? feature : undefined
}

const untoldClasses = (members: readonly Member[]): string =>
  members
    .filter(({ prediction }) => prediction.untold?.masks === true)
    .map((member) => member.class)
    .slice(0, MOST_NAMED)
    .join(', ')

/** Why a field keeps these members from having a baseline, and what would help. */
export const unlevelledFinding = (
  entry: UnlevelledField,
  vcpuFeatures: readonly VcpuFeature[],
  members: readonly Member[],
): PlanFinding => {
  const { register, field, values, why } = entry
  if (field === undefined)
    return planFinding('FieldNotLevelable', { register, writable: false }, { kind: 'unnamed-bits' })
  const ref = { register, field }
  const said = { register, field: field.name, limit: values.map(raw).join(', ').slice(0, 64) }
  if (why === 'Untold') return planFinding('LevellingUnknown', said, untoldClasses(members))
  const possible = toleration(ref, values, vcpuFeatures)
  const ordered = field.rule === 'LowerSafe' || field.rule === 'None'
  return planFinding(
    'FieldNotLevelable',
    { ...said, wanted: 'one value on all members', writable: why === 'NoneInCommon' },
    {
      kind: 'field',
      vcpuFeature: vcpuFeatureOfField(ref) ?? actingWith(ref, vcpuFeatures),
      toleration: possible,
      isSurplus: ordered && possible.kind !== 'inert',
      ...disagreeingMembers(entry, members),
    },
  )
}
