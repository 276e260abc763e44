/**
 * How long to wait where the server said `Retry-After`: at least as long, and up to half as long again. The server tells many clients the
 * same time at the same moment, and would have them all back at once.
 *
 * @param random - in [0, 1)
 */
export const retryAfterMs = (seconds: number, random: number): number => seconds * 1000 * (1 + random / 2)
