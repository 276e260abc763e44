import { comparisonsOf, positiveFeatures } from './condition.ts'
import { APPLIED_CONSTRAINTS } from './feature-constraints.ts'
import { featureByName } from './feature-registry.ts'
import { hasFeature } from './feature.ts'
import type { Comparison, Condition } from './condition.ts'
import type { GuestView } from './register.ts'

/** What a view must have for a feature: present already, or which features are missing and the comparisons they stand for. */
export type RequiredFeature =
  | { readonly kind: 'present' }
  | {
      readonly kind: 'absent'
      /** The feature and what it needs, as far as the view lacks them; sorted. */
      readonly missing: readonly string[]
      /** The comparisons of the missing features; if a feature has alternatives, all of them are here. */
      readonly comparisons: readonly Comparison[]
    }

const isConjunction = (condition: Condition): boolean =>
  condition.kind === 'feature' || (condition.kind === 'all' && condition.of.every(isConjunction))

/** For each feature, the names of the features that it needs by name. */
const directNeeds = Map.groupBy(
  APPLIED_CONSTRAINTS.flatMap(({ given, needs }) =>
    given.kind === 'feature' && isConjunction(needs)
      ? [{ name: given.name, needs: positiveFeatures(needs) }]
      : [],
  ),
  ({ name }) => name,
)

/** The feature and all the architecture says it needs by name (not where it needs one of several), sorted. */
export const featureWithNeeds = (name: string): readonly string[] => {
  const found = new Set([name])
  const queue = [name]
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    for (const { needs } of directNeeds.get(next) ?? []) {
      const fresh = needs.filter((one) => !found.has(one))
      for (const one of fresh) found.add(one)
      queue.push(...fresh)
    }
  }
  return [...found].sort()
}

/** Whether a view has the feature and what it needs, and what is missing if not. */
export const requireFeature = (view: GuestView, name: string): RequiredFeature => {
  const missing = featureWithNeeds(name).filter((one) => !hasFeature(view, one))
  if (!missing.includes(name)) return { kind: 'present' }
  const places = missing.flatMap((one) => featureByName(one)?.places ?? [])
  return { kind: 'absent', missing, comparisons: places.flatMap(({ holds }) => comparisonsOf(holds)) }
}
