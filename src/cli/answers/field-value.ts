import { rawBits, valueName } from '../../arm64/field.ts'
import type { Field } from '../../arm64/field.ts'

/** What a field has in a register's value, in hexadecimal, and what the architecture calls that where it has a name. */
export type FieldValueText = { readonly value: string; readonly meaning?: string }

/** A field of a register's value, for people and programs. */
export const fieldValueText = (field: Field, value: bigint): FieldValueText => {
  const raw = rawBits(value, field)
  // Names are of small fields; IMPDEF of 64 bits is no number.
  const meaning = field.width > 32 ? undefined : valueName(field, Number(raw))
  return { value: `0x${raw.toString(16)}`, ...(meaning !== undefined && { meaning }) }
}
