import { fieldName } from '../../arm64/field-ref.ts'
import { comparisonsOf, operandField } from '../../arm64/condition.ts'
import type { Condition } from '../../arm64/condition.ts'
import { disableFeature } from '../../arm64/disable-feature.ts'
import type { DisabledFeature, FieldChange } from '../../arm64/disable-feature.ts'
import { featureByName } from '../../arm64/feature-registry.ts'
import { rawValue } from '../../arm64/field.ts'
import { fieldByName, registerByName } from '../../arm64/register.ts'
import type { FeatureEntry } from './feature-entries.ts'
import type { FieldConstraint } from './field-constraint.ts'
import { MAXIMAL_VIEW } from './maximal-view.ts'
import { isSpecifiable } from '../../plan/specifiable.ts'

/** What disabling a feature takes away on any host; `removed` names it and its dependents. */
export type DisabledFields =
  | {
      readonly kind: 'fields'
      readonly constraints: readonly FieldConstraint[]
      readonly removed: readonly string[]
    }
  | { readonly kind: 'cannot'; readonly why: string }

const constraintOf = (
  register: string,
  fieldName: string,
  bounds: Pick<FieldConstraint, 'atMost' | 'atLeast'>,
): readonly FieldConstraint[] => {
  const owner = registerByName(register)
  const field = owner && fieldByName(owner, fieldName)
  if (owner === undefined || field === undefined || !isSpecifiable(owner.name, field)) return []
  return [{ register: owner.name, field, ...bounds }]
}

// AArch32 twins are left out: hosts without AArch32 show them as zero, whatever is written.
const ownFields = (name: string): ReadonlySet<string> =>
  new Set(
    featureByName(name)
      ?.places.filter(({ twin }) => twin !== true)
      .flatMap(({ holds }) => comparisonsOf(holds))
      .map((change) => fieldName(change).toLowerCase()),
  )

const keyOf = (change: FieldChange): string => fieldName(change).toLowerCase()

/**
 * The changes that disable a feature. A field that acts at EL2 only changes for a feature that the profile names and not for a dependent:
 * guests do not miss that change, and KVM seldom allows it.
 */
export const changesOfFeature = (name: string, changes: readonly FieldChange[]): readonly FieldChange[] => {
  const own = ownFields(name)
  return changes.filter((change) => !change.inert || own.has(keyOf(change)))
}

const known = new Map<string, DisabledFeature>()

/** The features that go with a feature on a CPU that has everything. Remembered, because they are the same for every profile. */
const disabledAnywhere = (name: string): DisabledFeature => {
  const disabled = known.get(name) ?? disableFeature(MAXIMAL_VIEW, name)
  known.set(name, disabled)
  return disabled
}

/** The fields a Disabled feature and its dependents may have at most. */
export const disabledFields = ({ name, place }: FeatureEntry): DisabledFields => {
  const disabled = disabledAnywhere(name)
  if (disabled.kind === 'cannot') return { kind: 'cannot', why: `${disabled.feature}: ${disabled.why}` }
  const constraints = changesOfFeature(name, disabled.changes).flatMap(({ register, field, to }) =>
    constraintOf(register, field, { atMost: { value: to, place } }),
  )
  return { kind: 'fields', constraints, removed: disabled.removed }
}

/** The comparisons that hold whenever the condition does; those of an alternative are left out. */
const necessary = (condition: Condition): readonly Condition[] => {
  if (condition.kind === 'all') return condition.of.flatMap(necessary)
  return condition.kind === 'atLeast' || condition.kind === 'equals' ? [condition] : []
}

/** The fields a Required feature needs at least, AArch64's own: hosts without AArch32 show its twins as zero. */
export const requiredFields = ({ name, place }: FeatureEntry): readonly FieldConstraint[] => {
  const native = featureByName(name)?.places.filter(({ twin }) => twin !== true) ?? []
  return native
    .flatMap(({ holds }) => necessary(holds).flatMap(comparisonsOf))
    .flatMap((comparison) => {
      const value = rawValue(operandField(comparison), comparison.value)
      return constraintOf(comparison.register, comparison.field, { atLeast: { value, place } })
    })
}
