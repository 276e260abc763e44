import { conditionHolds, operandField, positiveFeatures } from './condition.ts'
import { brokenConstraints } from './feature-constraints.ts'
import { featureByName } from './feature-registry.ts'
import { featuresOf, hasFeature, placesInView } from './feature.ts'
import { getField, setField } from './field.ts'
import { inertField } from './inert-fields.ts'
import { legalValueBelow } from './legal-value.ts'
import { registerByName } from './register.ts'
import type { Comparison, Condition } from './condition.ts'
import type { Feature, FeatureConstraint } from './feature-row.ts'
import type { GuestView } from './register.ts'

/** A change of a field, with raw values. `inert`: the field acts at EL2 only, so a guest does not miss a change that cannot be made. */
export type FieldChange = {
  readonly register: string
  readonly field: string
  readonly from: number
  readonly to: number
  readonly inert: boolean
}

/** A view after a feature and its dependents were removed; `removed` names all of them, sorted. */
export type DisabledFeature =
  | {
      readonly kind: 'disabled'
      readonly view: GuestView
      readonly changes: readonly FieldChange[]
      readonly removed: readonly string[]
    }
  | { readonly kind: 'cannot'; readonly feature: string; readonly why: string }

const loweredTo = (comparison: Comparison): number | undefined => {
  const field = operandField(comparison)
  const lower = legalValueBelow(comparison.register, field, comparison.value)
  // There is no value below TGRAN*_2 = 0 ("as stage 1"); KVM's rule falls back to 1 (not supported).
  return (
    lower ?? (field.rule === 'Exact' && field.safeValue !== comparison.value ? field.safeValue : undefined)
  )
}

const lowered = (comparison: Comparison, view: GuestView): GuestView | undefined => {
  const to = comparison.kind === 'below' ? undefined : loweredTo(comparison)
  const value = view.get(comparison.register)
  if (to === undefined || value === undefined) return undefined
  return new Map(view).set(comparison.register, setField(value, operandField(comparison), to))
}

const holds = (condition: Condition, view: GuestView): boolean =>
  conditionHolds(condition, view, (name) => hasFeature(view, name))

const firstFalsified = (parts: readonly Condition[], view: GuestView): GuestView | undefined => {
  for (const part of parts) {
    const changed = falsified(part, view)
    if (changed !== undefined) return changed
  }
  return undefined
}

const allFalsified = (parts: readonly Condition[], view: GuestView): GuestView | undefined =>
  parts.reduce<GuestView | undefined>((current, part) => current && falsified(part, current), view)

/** The view with the fewest changes that make the condition fail; undefined if no lowering of fields does. */
const falsified = (condition: Condition, view: GuestView): GuestView | undefined => {
  if (!holds(condition, view)) return view
  switch (condition.kind) {
    case 'atLeast':
    case 'equals':
    case 'below':
      return lowered(condition, view)
    case 'all':
      return firstFalsified(condition.of, view)
    case 'any':
      return allFalsified(condition.of, view)
    case 'feature':
    case 'not':
      return undefined
    default:
      return condition satisfies never
  }
}

const withoutFeature = (view: GuestView, feature: Feature): GuestView | undefined =>
  // Every place, so that AArch32 twins stay in step with AArch64.
  allFalsified(
    placesInView(view, feature).map((place) => place.holds),
    view,
  )

const age = (name: string): string => featureByName(name)?.from ?? ''

/** The feature to give up where a constraint broke: the youngest one that it names, but never AArch64 at an exception level. */
const culpritOf = (constraint: FeatureConstraint, view: GuestView): string | undefined =>
  positiveFeatures(constraint.given)
    .filter((name) => hasFeature(view, name) && !/^FEAT_AA64EL\d$/.test(name))
    .toSorted((a, b) => age(b).localeCompare(age(a)))[0]

const changesBetween = (before: GuestView, after: GuestView): readonly FieldChange[] =>
  [...after].flatMap(([name, value]) => {
    const old = before.get(name)
    if (old === undefined || old === value) return []
    return (registerByName(name)?.fields ?? []).flatMap((field): readonly FieldChange[] => {
      const [from, to] = [getField(old, field), getField(value, field)]
      const inert = inertField({ register: name, field }) !== undefined
      return from === to ? [] : [{ register: name, field: field.name, from, to, inert }]
    })
  })

const nextToRemove = (view: GuestView, known: ReadonlySet<FeatureConstraint>): string | undefined => {
  for (const constraint of brokenConstraints(view)) {
    const culprit = known.has(constraint) ? undefined : culpritOf(constraint, view)
    if (culprit !== undefined) return culprit
  }
  return undefined
}

/**
 * The view without a feature and without the features that the architecture does not allow without it. Constraints that the view
 * broke before are left alone. Fields are lowered to values that the architecture names; prediction says whether KVM takes them.
 */
export const disableFeature = (view: GuestView, name: string): DisabledFeature => {
  const kept = new Set(brokenConstraints(view))
  let current = view
  let next: string | undefined = name
  while (next !== undefined) {
    const feature = featureByName(next)
    const changed: GuestView | undefined = feature && withoutFeature(current, feature)
    if (changed === undefined || hasFeature(changed, next)) {
      const why =
        feature?.places.length === 0 ? 'it has no ID register' : 'no lower value of its fields is without it'
      return {
        kind: 'cannot',
        feature: next,
        why: feature === undefined ? 'it is not a feature of Arm' : why,
      }
    }
    current = changed
    next = nextToRemove(current, kept)
  }
  const left = new Set(featuresOf(current))
  const removed = featuresOf(view).filter((one) => !left.has(one))
  return { kind: 'disabled', view: current, changes: changesBetween(view, current), removed }
}
