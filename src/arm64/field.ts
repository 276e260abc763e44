import { differingBits, hasAnyBit, hasBits, lowBits, numberInBits, shiftBy, withBitsOf } from './bits.ts'

/**
 * How two values of a field are brought together, and what KVM takes in place of its limit
 * (arm64_ftr_safe_value, arch/arm64/kernel/cpufeature.c, 6.12). `None`: the kernel has no entry for the field,
 * so KVM only takes the limit itself.
 */
export type FieldRule = 'LowerSafe' | 'HigherSafe' | 'HigherOrZero' | 'Exact' | 'None'

/** A named bit range of a feature ID register. */
export type Field = {
  /** As Linux spells it; Arm's spelling differs at most in case. */
  readonly name: string
  readonly shift: number
  readonly width: number
  readonly signed: boolean
  readonly rule: FieldRule
  /** What rule `Exact` falls back to, raw (0..2^width-1). */
  readonly safeValue: number
  /** The values the architecture names, ascending; empty if it is a number. */
  readonly values: readonly FieldValue[]
}

/** A value the architecture gives a name, raw (0..2^width-1): `{value: 2, name: 'PMULL'}`. */
export type FieldValue = { readonly value: number; readonly name: string }

const masks = Array.of<bigint>()

/** The bits of the register that are the field. */
export const fieldMask = ({ width, shift }: Field): bigint =>
  (masks[width * 64 + shift] ??= lowBits(width) << shiftBy(shift))

/** The bits of the register that are these fields. */
export const fieldsMask = (fields: readonly Field[]): bigint =>
  fields.reduce((mask, field) => mask | fieldMask(field), 0n)

/** Whether a mask has every bit of a field. */
export const coversField = (mask: bigint, field: Field): boolean => hasBits(mask, fieldMask(field))

/** Whether two values of a register differ in a field, of any width. */
export const differsIn = (field: Field, a: bigint, b: bigint): boolean =>
  hasAnyBit(differingBits(a, b), fieldMask(field))

const numberWidth = ({ name, width }: Field): number => {
  if (width > 32) throw new RangeError(`${name} is ${width} bits wide: compare the register, not the field`)
  return width
}

/** The greatest raw value a field can have. Throws RangeError for IMPDEF of REVIDR_EL1 and AIDR_EL1: a 64-bit value is a bigint. */
export const fieldMaximum = (field: Field): number => 2 ** numberWidth(field) - 1

/** The raw value of a field in a register's value, of any width. */
export const rawBits = (value: bigint, field: Field): bigint =>
  (value >> shiftBy(field.shift)) & lowBits(field.width)

/** The raw value (0..2^width-1) of a field in a register's value. Throws as {@link fieldMaximum} does. */
export const getField = (value: bigint, field: Field): number =>
  numberInBits(value, field.shift, numberWidth(field))

/** `value` with the field set to `raw`. Throws RangeError if `raw` does not fit the field. */
export const setField = (value: bigint, field: Field, raw: number): bigint => {
  if (!Number.isInteger(raw) || raw < 0 || raw > fieldMaximum(field)) {
    throw new RangeError(`${raw} does not fit ${field.name}, which is ${field.width} bits wide`)
  }
  return withBitsOf(value, fieldMask(field), BigInt(raw) << shiftBy(field.shift))
}

/** What a raw value means: two's complement for signed fields (0xf is -1 in four bits), itself for others. */
export const signedValue = (field: Field, raw: number): number =>
  field.signed && raw >= 2 ** (field.width - 1) ? raw - 2 ** field.width : raw

/** The inverse of {@link signedValue}. */
export const rawValue = (field: Field, meaning: number): number =>
  meaning < 0 ? meaning + 2 ** field.width : meaning

/** The name the architecture gives a raw value, if it does. */
export const valueName = (field: Field, raw: number): string | undefined =>
  field.values.find((entry) => entry.value === raw)?.name
