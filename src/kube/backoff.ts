/** How delays grow: `base`, doubled each time, up to `max`, each drawn from its upper half. */
export type BackoffOptions = {
  readonly baseMs: number
  readonly maxMs: number
}

/** The delay before try number `failures` (1 = after the first failure). `random` is in [0, 1). */
export const backoffMs = (options: BackoffOptions, failures: number, random: number): number => {
  const exponent = Math.min(Math.max(failures, 1) - 1, 52)
  const full = Math.min(options.baseMs * 2 ** exponent, options.maxMs)
  return full / 2 + (full / 2) * random
}
