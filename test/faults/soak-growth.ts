/** What a supervisor holds after some launches. */
export type Held = {
  readonly kilobytes: number
  readonly fds: number
  readonly zombies: number
}

/** What a supervisor's resident memory may differ by without having grown: V8 collects when it sees fit. */
const NOISE_KILOBYTES = 3 * 1024
/** Fewer looks tell nothing. */
const LEAST_LOOKS = 3

const middle = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN

/**
 * In what a supervisor has grown, from the second third of its looks to the last: files beyond one more, any zombie, memory by the
 * medians. The first third is V8's: it compiles what is called often, and its heap comes to its size.
 */
export const soakGrowth = (looks: readonly Held[]): string[] => {
  if (looks.length < LEAST_LOOKS) return [`nobody knows what: ${looks.length} looks tell nothing`]
  const third = Math.floor(looks.length / 3)
  const grown = (of: (held: Held) => number): number =>
    middle(looks.slice(-third).map(of)) - middle(looks.slice(third, 2 * third).map(of))
  const kilobytes = grown((held) => held.kilobytes)
  const fds = grown((held) => held.fds)
  const zombies = Math.max(...looks.map((held) => held.zombies))
  return [
    ...(kilobytes > NOISE_KILOBYTES ? [`resident memory by ${kilobytes} KB`] : []),
    ...(fds > 1 ? [`open files by ${fds}`] : []),
    ...(zombies > 0 ? [`${zombies} zombies`] : []),
  ]
}
