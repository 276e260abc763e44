/** `value` (0..2^64-1) in the form of `hex64`. */
export const toHex64 = (value: bigint): string => `0x${value.toString(16)}`

/** The value of a `hex64` string. */
export const fromHex64 = (text: string): bigint => BigInt(text)
