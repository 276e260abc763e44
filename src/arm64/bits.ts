/*
 * Operations on 64-bit values, named by what they do. Lint forbids the operators themselves everywhere except in arm64/, plan/ and
 * linux/, because a mask on the wrong side of `~` looks right.
 */

/** A mask of all 64 bits. */
export const EVERY_BIT = (1n << 64n) - 1n

const LOW_BITS: readonly bigint[] = Array.from({ length: 65 }, (_, count) => (1n << BigInt(count)) - 1n)

/** A mask of the lowest bits, `count` of them. Looked up: a bigint that is made anew costs more than all else that is done with it. */
export const lowBits = (count: number): bigint => LOW_BITS[count] ?? (1n << BigInt(count)) - 1n

const SHIFTS: readonly bigint[] = LOW_BITS.map((_, count) => BigInt(count))

/** The number of bits to shift by, as a bigint. */
export const shiftBy = (count: number): bigint => SHIFTS[count] ?? BigInt(count)

/** A value without what is outside a mask. */
export const onlyBits = (value: bigint, mask: bigint): bigint => value & mask

/** A value with the bits of a mask set. */
export const withBits = (value: bigint, mask: bigint): bigint => value | mask

/** A value with the bits of a mask cleared. */
export const withoutBits = (value: bigint, mask: bigint): bigint => value & ~mask

/** A value whose bits in a mask are those of another value. */
export const withBitsOf = (value: bigint, mask: bigint, other: bigint): bigint =>
  (value & ~mask) | (other & mask)

/** The bits in which two values differ. */
export const differingBits = (a: bigint, b: bigint): bigint => a ^ b

/** Whether every bit of a mask is set. */
export const hasBits = (value: bigint, mask: bigint): boolean => (value & mask) === mask

/** Whether any bit of a mask is set. */
export const hasAnyBit = (value: bigint, mask: bigint): boolean => (value & mask) !== 0n

/** Whether one bit, counted from 0, is set. */
export const hasBit = (value: bigint, bit: number): boolean => hasAnyBit(value, 1n << BigInt(bit))

/** The lowest bit that is set; 0n if none is. */
export const lowestBit = (value: bigint): bigint => value & -value

/** The number in the bits from `shift` up, `width` of them; at most 32. */
export const numberInBits = (value: bigint, shift: number, width: number): number =>
  Number((value >> shiftBy(shift)) & lowBits(width))
