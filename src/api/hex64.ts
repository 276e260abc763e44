import * as z from 'zod'

/** A 64-bit value in JSON and YAML: lower-case, with the prefix 0x, leading zeros optional. */
export const hex64 = z
  .string()
  .regex(/^0x[0-9a-f]{1,16}$/, 'must be a 64-bit value in hexadecimal, such as 0x1011')
  .meta({ maxLength: 18 })

/** `value` (0..2^64-1) in the form of {@link hex64}. */
export const toHex64 = (value: bigint): string => `0x${value.toString(16)}`

/** The value of a {@link hex64} string. */
export const fromHex64 = (text: string): bigint => BigInt(text)
