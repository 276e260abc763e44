import { getField, setField, signedValue } from './field.ts'
import type { Field } from './field.ts'

/** The greatest raw value (0..2^width-1) that a field may show. A host with a lower value keeps it. */
export type FieldCeiling = { readonly field: Field; readonly value: number }

const isAbove = (raw: number, { field, value }: FieldCeiling): boolean =>
  signedValue(field, raw) > signedValue(field, value)

/** A register's value with every field above its ceiling brought down to it. Signed fields are compared by their meaning. */
export const underCeilings = (value: bigint, ceilings: readonly FieldCeiling[]): bigint =>
  ceilings.reduce(
    (current, ceiling) =>
      isAbove(getField(current, ceiling.field), ceiling)
        ? setField(current, ceiling.field, ceiling.value)
        : current,
    value,
  )
