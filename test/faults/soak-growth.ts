/** What a supervisor holds after so many launches. */
export type Held = {
  readonly launches: number
  readonly kilobytes: number
  readonly fds: number
  readonly zombies: number
}

/** What a supervisor's resident memory may differ by without having grown: V8 collects when it sees fit. */
const NOISE_KILOBYTES = 6 * 1024

const middle = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN

/**
 * In what a supervisor has grown, from its first looks to its last: files beyond one more, any zombie, memory by the median of the last
 * third against that of the first. The first look is after some launches: what is loaded at the first one is no growth.
 */
export const soakGrowth = (looks: readonly Held[]): string[] => {
  const third = Math.max(1, Math.floor(looks.length / 3))
  const grown = (of: (held: Held) => number): number =>
    middle(looks.slice(-third).map(of)) - middle(looks.slice(0, third).map(of))
  const kilobytes = grown((held) => held.kilobytes)
  const fds = grown((held) => held.fds)
  const zombies = Math.max(...looks.map((held) => held.zombies))
  return [
    ...(kilobytes > NOISE_KILOBYTES ? [`resident memory by ${kilobytes} KB`] : []),
    ...(fds > 1 ? [`open files by ${fds}`] : []),
    ...(zombies > 0 ? [`${zombies} zombies`] : []),
  ]
}
