import { signedValue } from '../../arm64/field.ts'
import type { Field } from '../../arm64/field.ts'

/** A raw value (0..2^width-1) and the place in the spec that asks for it. */
export type Asked = { readonly value: number; readonly place: string }

/** What a profile's `features` and `registers` say of one field. */
export type FieldConstraint = {
  readonly register: string
  readonly field: Field
  readonly atMost?: Asked
  readonly atLeast?: Asked
  readonly exactly?: Asked
}

const lower = (field: Field, a: Asked | undefined, b: Asked | undefined): Asked | undefined => {
  if (a === undefined || b === undefined) return a ?? b
  return signedValue(field, b.value) < signedValue(field, a.value) ? b : a
}

const higher = (field: Field, a: Asked | undefined, b: Asked | undefined): Asked | undefined =>
  a === undefined || b === undefined ? (a ?? b) : lower(field, a, b) === a ? b : a

/** Both constraints of one field combined; {@link contradiction} says whether a value can meet them. */
export const bothConstraints = (a: FieldConstraint, b: FieldConstraint): FieldConstraint => {
  const atMost = lower(a.field, a.atMost, b.atMost)
  const atLeast = higher(a.field, a.atLeast, b.atLeast)
  const exactly = a.exactly ?? b.exactly
  return {
    register: a.register,
    field: a.field,
    ...(atMost && { atMost }),
    ...(atLeast && { atLeast }),
    ...(exactly && { exactly }),
  }
}

/** The two places in the spec that no value of the field can satisfy together, if there are such places. */
export const contradiction = ({
  field,
  atMost,
  atLeast,
  exactly,
}: FieldConstraint): readonly [Asked, Asked] | undefined => {
  const above = (a: Asked | undefined, b: Asked | undefined): readonly [Asked, Asked] | undefined =>
    a && b && signedValue(field, a.value) > signedValue(field, b.value) ? [a, b] : undefined
  return above(exactly, atMost) ?? above(atLeast, exactly) ?? above(atLeast, atMost)
}
