import { hasFeature } from './feature.ts'
import { FEATURE_CONSTRAINTS } from './feature-table.generated.ts'
import { inertField } from './inert-fields.ts'
import { comparisonsOf, conditionHolds, positiveFeatures } from './condition.ts'
import { fieldByName, registerByName } from './register.ts'
import { featureByName } from './feature-registry.ts'
import type { FeatureConstraint } from './feature-row.ts'
import type { GuestView } from './register.ts'

/** Whether a feature shows in inert fields only: a guest without EL2 cannot act on it. */
export const isInertFeature = (name: string): boolean => {
  const comparisons = featureByName(name)?.places.flatMap(({ holds }) => comparisonsOf(holds)) ?? []
  return (
    comparisons.length > 0 &&
    comparisons.every(({ register, field }) => {
      const owner = registerByName(register)
      const found = owner && fieldByName(owner, field)
      return found !== undefined && inertField(register, found.name) !== undefined
    })
  )
}

const needsInertOnly = ({ needs }: FeatureConstraint): boolean => {
  const names = positiveFeatures(needs)
  return names.length > 0 && names.every(isInertFeature)
}

/** A constraint that is not judged, and why. */
export type UnappliedConstraint = { readonly constraint: FeatureConstraint; readonly why: string }

/**
 * The constraints that are not applied to a guest view: those that name an architecture version or a feature without an ID
 * register, and those that ask for what acts at EL2 only, which KVM's guests do not have.
 */
export const UNAPPLIED_CONSTRAINTS: readonly UnappliedConstraint[] = FEATURE_CONSTRAINTS.flatMap(
  (constraint) => {
    const why =
      constraint.notApplied ?? (needsInertOnly(constraint) ? 'asks for what only EL2 can use' : undefined)
    return why === undefined ? [] : [{ constraint, why }]
  },
)

/** The constraints a guest view must keep where its host does. */
export const APPLIED_CONSTRAINTS: readonly FeatureConstraint[] = FEATURE_CONSTRAINTS.filter(
  (constraint) => constraint.notApplied === undefined && !needsInertOnly(constraint),
)

/** The constraints this view breaks. A view from real KVM may break some by itself: compare with the host's own. */
export const brokenConstraints = (view: GuestView): readonly FeatureConstraint[] => {
  const cache = new Map<string, boolean>()
  const has = (name: string): boolean => {
    const known = cache.get(name) ?? hasFeature(view, name)
    cache.set(name, known)
    return known
  }
  return APPLIED_CONSTRAINTS.filter(
    ({ given, needs }) => conditionHolds(given, view, has) && !conditionHolds(needs, view, has),
  )
}
