import type { FieldRule } from './field.ts'

/** [name, least significant bit, width, signed, rule, safe value, 'value=name,...'] */
export type FieldRow = readonly [string, number, number, boolean, FieldRule, number, string]

/** [name, op1, CRm, op2, fields]; op0 is 3 and CRn 0 for all of them. */
export type RegisterRow = readonly [string, number, number, number, readonly FieldRow[]]
