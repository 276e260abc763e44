import { fieldMask, getField, setField, type Field } from '../arm64/field.ts'
import type { FeatureIdRegister } from '../arm64/register.ts'

const NIBBLES = Array.from({ length: 16 }, (_, index) => 0xfn << BigInt(index * 4))

// REVIDR_EL1 and AIDR_EL1 are one field of 64 bits: no list of its values, and no number, is of use.
const MAXIMAL_TRIED_WIDTH = 32

/** Raw values to try in a field that now is `limit`: all of a small one; the ends and the neighbours of a large one. */
const rawValues = (field: Field, limit: number): number[] => {
  const maximum = 2 ** field.width - 1
  if (field.width <= 4) return Array.from({ length: maximum + 1 }, (_, value) => value)
  return [0, limit - 1, limit, limit + 1, maximum].filter((value) => value >= 0 && value <= maximum)
}

const fieldValues = (field: Field, limit: bigint): bigint[] =>
  field.width > MAXIMAL_TRIED_WIDTH
    ? [limit ^ 1n]
    : rawValues(field, getField(limit, field)).map((raw) => setField(limit, field, raw))

/** Bits of no known field are tried four at a time. */
const unnamedValues = (fields: readonly Field[], limit: bigint): bigint[] => {
  const named = fields.reduce((bits, field) => bits | fieldMask(field), 0n)
  return NIBBLES.map((nibble) => nibble & ~named)
    .filter((bits) => bits !== 0n)
    .map((bits) => limit ^ (bits & -bits))
}

/** The values of the whole register to try where a fresh vCPU shows `limit`: each differs from it in one field. */
export const trialValues = ({ fields }: FeatureIdRegister, limit: bigint): bigint[] => [
  ...new Set(
    [...fields.flatMap((field) => fieldValues(field, limit)), ...unnamedValues(fields, limit)].filter(
      (value) => value !== limit,
    ),
  ),
]
