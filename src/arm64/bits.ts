/** A mask of all 64 bits. */
export const EVERY_BIT = (1n << 64n) - 1n
