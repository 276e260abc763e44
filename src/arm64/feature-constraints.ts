import { featuresIn } from './feature.ts'
import { FEATURE_CONSTRAINTS } from './feature-table.generated.ts'
import { inertField } from './inert-fields.ts'
import { comparisonsOf, conditionHolds, operandRef, positiveFeatures } from './condition.ts'
import { featureByName } from './feature-registry.ts'
import type { Condition } from './condition.ts'
import { registersOfCondition } from './registers-of-condition.ts'
import type { FeatureConstraint } from './feature-row.ts'
import type { GuestView } from './register.ts'

/** Whether a feature shows in inert fields only: a guest without EL2 cannot act on it. */
export const isInertFeature = (name: string): boolean => {
  const comparisons = featureByName(name)?.places.flatMap(({ holds }) => comparisonsOf(holds)) ?? []
  return (
    comparisons.length > 0 &&
    comparisons.every((comparison) => inertField(operandRef(comparison)) !== undefined)
  )
}

const aboveGuests = new Map<string, boolean>()

/** The features that guests without EL2 cannot act on: inert ones, and execution states of the levels above theirs. */
const isAboveGuests = (name: string): boolean => {
  const known = aboveGuests.get(name) ?? (isInertFeature(name) || /^FEAT_AA(32|64)EL[23]$/.test(name))
  aboveGuests.set(name, known)
  return known
}

const isAllAboveGuests = (condition: Condition): boolean => {
  const names = positiveFeatures(condition)
  return names.length > 0 && names.every(isAboveGuests)
}

/** Whether a constraint is about a feature that only EL2 can use: KVM seldom allows a change there, and guests do not miss it. */
export const isAboutEl2 = ({ given, needs }: FeatureConstraint): boolean =>
  isAllAboveGuests(needs) || isAllAboveGuests(given)

/** The constraints a guest view must keep where its host does. */
export const APPLIED_CONSTRAINTS: readonly FeatureConstraint[] = FEATURE_CONSTRAINTS.filter(
  (constraint) => constraint.notApplied === undefined && !isAboutEl2(constraint),
)

const knownRegisters = new Map<FeatureConstraint, ReadonlySet<string>>()

/** The registers whose values decide whether a constraint is kept. */
export const registersOfConstraint = (constraint: FeatureConstraint): ReadonlySet<string> => {
  const known =
    knownRegisters.get(constraint) ??
    new Set([...registersOfCondition(constraint.given), ...registersOfCondition(constraint.needs)])
  knownRegisters.set(constraint, known)
  return known
}

/** The constraints this view breaks. A view from real KVM may break some by itself: compare with the host's own. */
export const brokenConstraints = (
  view: GuestView,
  constraints: readonly FeatureConstraint[] = APPLIED_CONSTRAINTS,
): readonly FeatureConstraint[] => {
  const has = featuresIn(view)
  return constraints.filter(
    ({ given, needs }) => conditionHolds(given, view, has) && !conditionHolds(needs, view, has),
  )
}
