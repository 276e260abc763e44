import { fieldName, type FieldRef } from './field-ref.ts'
import { getField, signedValue } from './field.ts'
import { fieldNamed } from './register.ts'
import type { Field } from './field.ts'
import type { GuestView } from './register.ts'

/** What is compared: a field of a register; `signed` is Arm's reading of it in this comparison. */
export type FieldOperand = { readonly register: string; readonly field: string; readonly signed: boolean }

/** A condition on a guest view: what a FEAT_ name is, or what one needs. */
export type Condition =
  | ({ readonly kind: 'atLeast' | 'equals' | 'below'; readonly value: number } & FieldOperand)
  | { readonly kind: 'feature'; readonly name: string }
  | { readonly kind: 'not'; readonly of: Condition }
  | { readonly kind: 'all' | 'any'; readonly of: readonly Condition[] }

/** A comparison of a field with a number. */
export type Comparison = Extract<Condition, { readonly value: number }>

const lookedUp = ({ register, field, signed }: FieldOperand): Field => {
  const found = fieldNamed(register, field)
  if (found === undefined)
    throw new Error(`a condition names ${fieldName({ register, field })}, which is no field`)
  return { ...found, signed }
}

const known = new WeakMap<FieldOperand, Field>()

/**
 * The field of an operand, with the signedness of the comparison. Throws if the table of facts names none. Remembered: the same
 * conditions are asked of every view.
 */
export const operandField = (operand: FieldOperand): Field => {
  const field = known.get(operand) ?? lookedUp(operand)
  known.set(operand, field)
  return field
}

/** The field of a comparison, with its register. */
export const operandRef = (operand: FieldOperand): FieldRef => ({
  register: operand.register,
  field: operandField(operand),
})

const COMPARE: Readonly<Record<Comparison['kind'], (meaning: number, value: number) => boolean>> = {
  atLeast: (meaning, value) => meaning >= value,
  equals: (meaning, value) => meaning === value,
  below: (meaning, value) => meaning < value,
}

const compare = (condition: Comparison, view: GuestView): boolean => {
  const value = view.get(condition.register)
  if (value === undefined) return false
  const field = operandField(condition)
  return COMPARE[condition.kind](signedValue(field, getField(value, field)), condition.value)
}

/** Whether a condition holds; `has` answers for FEAT_ names. Every comparison with a register that the view does not have fails. */
export const conditionHolds = (
  condition: Condition,
  view: GuestView,
  has: (featureName: string) => boolean,
): boolean => {
  switch (condition.kind) {
    case 'feature':
      return has(condition.name)
    case 'not':
      return !conditionHolds(condition.of, view, has)
    case 'all':
      return condition.of.every((part) => conditionHolds(part, view, has))
    case 'any':
      return condition.of.some((part) => conditionHolds(part, view, has))
    case 'atLeast':
    case 'equals':
    case 'below':
      return compare(condition, view)
    default:
      return condition satisfies never
  }
}

/** The comparisons in a condition, in the order they stand. */
export const comparisonsOf = (condition: Condition): readonly Comparison[] => {
  switch (condition.kind) {
    case 'feature':
      return []
    case 'not':
      return comparisonsOf(condition.of)
    case 'all':
    case 'any':
      return condition.of.flatMap(comparisonsOf)
    case 'atLeast':
    case 'equals':
    case 'below':
      return [condition]
    default:
      return condition satisfies never
  }
}

const featuresIn = (condition: Condition, underNot: boolean): readonly string[] => {
  switch (condition.kind) {
    case 'feature':
      return [condition.name]
    case 'not':
      return underNot ? featuresIn(condition.of, underNot) : []
    case 'all':
    case 'any':
      return condition.of.flatMap((part) => featuresIn(part, underNot))
    case 'atLeast':
    case 'equals':
    case 'below':
      return []
    default:
      return condition satisfies never
  }
}

/** The FEAT_ names in a condition that stand for presence (not under a `not`). */
export const positiveFeatures = (condition: Condition): readonly string[] => featuresIn(condition, false)

/** Every FEAT_ name in a condition, whether it must be present or absent. */
export const mentionedFeatures = (condition: Condition): readonly string[] => featuresIn(condition, true)
