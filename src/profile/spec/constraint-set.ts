import { fieldName } from '../../arm64/field-ref.ts'
import type { NotAccepted } from '../compile-result.ts'
import { bothConstraints, contradiction } from './field-constraint.ts'
import type { FieldConstraint } from './field-constraint.ts'

/** One constraint per field, by `register.field`. */
export type ConstraintSet = ReadonlyMap<string, FieldConstraint>

/** All constraints; those of one field are combined. */
export const constraintSet = (constraints: readonly FieldConstraint[]): ConstraintSet => {
  const set = new Map<string, FieldConstraint>()
  for (const constraint of constraints) {
    const key = fieldName(constraint)
    const other = set.get(key)
    set.set(key, other === undefined ? constraint : bothConstraints(other, constraint))
  }
  return set
}

/** The first field for which no value satisfies the spec. */
export const firstContradiction = (set: ConstraintSet): NotAccepted | undefined => {
  for (const [name, constraint] of set) {
    const found = contradiction(constraint)
    if (found === undefined) continue
    const [high, low] = found
    return {
      kind: 'not-accepted',
      reason: 'ContradictingEntries',
      message: `${high.place} asks for ${name} = ${high.value} or more, ${low.place} for ${low.value} or less; remove one of them`,
    }
  }
  return undefined
}
