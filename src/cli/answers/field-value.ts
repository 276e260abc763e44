import { rawBits, valueName } from '../../arm64/field.ts'
import type { Field } from '../../arm64/field.ts'

/** A field's part of a register's value, in hexadecimal, and the architecture's name for it, if any. */
export type FieldValueText = { readonly value: string; readonly meaning?: string }

/** A field of a register's value, for people and programs. */
export const fieldValueText = (field: Field, value: bigint): FieldValueText => {
  const raw = rawBits(value, field)
  // Only small fields have named values; the 64 bits of IMPDEF do not fit a number.
  const meaning = field.width > 32 ? undefined : valueName(field, Number(raw))
  return { value: `0x${raw.toString(16)}`, ...(meaning !== undefined && { meaning }) }
}
