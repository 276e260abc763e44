import { featuresOf } from '../arm64/feature.ts'
import { setField } from '../arm64/field.ts'
import { constraintSet, firstContradiction } from './constraint-set.ts'
import type { ConstraintSet } from './constraint-set.ts'
import { disabledFields } from './feature-field-constraints.ts'
import { constrainedValue } from './field-constraint.ts'
import { MAXIMAL_VIEW } from './maximal-view.ts'

const withConstraints = (set: ConstraintSet): Map<string, bigint> => {
  const view = new Map(MAXIMAL_VIEW)
  for (const constraint of set.values()) {
    const { register, field } = constraint
    view.set(register, setField(view.get(register) ?? 0n, field, constrainedValue(constraint, undefined)))
  }
  return view
}

/**
 * The constraints with what a Required feature takes away: base `host` shows its field at the least value that has it
 * (FEAT_AES: 1), so what needs more of the field (FEAT_PMULL), and whatever depends on that, must go on every host.
 */
export const withLostFeatures = (set: ConstraintSet): ConstraintSet => {
  const raised = [...set].filter(([, { atLeast, exactly }]) => atLeast !== undefined && exactly === undefined)
  if (raised.length === 0) return set
  const left = new Set(featuresOf(withConstraints(new Map(raised))))
  const place = raised[0]?.[1].atLeast?.place ?? ''
  return featuresOf(MAXIMAL_VIEW)
    .filter((name) => !left.has(name))
    .reduce<ConstraintSet>((current, name) => {
      const lost = disabledFields({ name, place }, true)
      if (lost.kind === 'cannot') return current
      const next = constraintSet([...current.values(), ...lost.constraints])
      // Where the spec asks for more, it is followed to the letter.
      return firstContradiction(next) === undefined ? next : current
    }, set)
}
