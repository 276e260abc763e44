import { differingBits, lowBits, lowestBit, withoutBits } from '../arm64/bits.ts'
import { fieldsMask, getField, setField, type Field } from '../arm64/field.ts'
import type { FeatureIdRegister } from '../arm64/register.ts'

const NIBBLES = Array.from({ length: 16 }, (_, index) =>
  withoutBits(lowBits(4 * index + 4), lowBits(4 * index)),
)

// REVIDR_EL1 and AIDR_EL1 are one field of 64 bits, whose values fit neither a list nor a number.
const MAXIMAL_TRIED_WIDTH = 32

/** Raw values to try in a field that now is `limit`: all of a small one; the ends and the neighbours of a large one. */
const rawValues = (field: Field, limit: number): number[] => {
  const maximum = 2 ** field.width - 1
  if (field.width <= 4) return Array.from({ length: maximum + 1 }, (_, value) => value)
  return [0, limit - 1, limit, limit + 1, maximum].filter((value) => value >= 0 && value <= maximum)
}

const fieldValues = (field: Field, limit: bigint): bigint[] =>
  field.width > MAXIMAL_TRIED_WIDTH
    ? [differingBits(limit, 1n)]
    : rawValues(field, getField(limit, field)).map((raw) => setField(limit, field, raw))

/** Bits of no known field are tried four at a time. */
const unnamedValues = (fields: readonly Field[], limit: bigint): bigint[] => {
  const named = fieldsMask(fields)
  return NIBBLES.map((nibble) => withoutBits(nibble, named))
    .filter((bits) => bits !== 0n)
    .map((bits) => differingBits(limit, lowestBit(bits)))
}

/** The values of the whole register to try where a fresh vCPU shows `limit`: each differs from it in one field. */
export const trialValues = ({ fields }: FeatureIdRegister, limit: bigint): bigint[] => [
  ...new Set(
    [...fields.flatMap((field) => fieldValues(field, limit)), ...unnamedValues(fields, limit)].filter(
      (value) => value !== limit,
    ),
  ),
]
