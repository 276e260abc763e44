/** How a turn of a supervisor pauses before it looks at its listeners. */
export type Pause =
  /** Does not pause, nor look at the listeners in this turn. */
  | { readonly kind: 'none' }
  /** Lets another thread have the CPU; else as `none`. */
  | { readonly kind: 'yield' }
  | { readonly kind: 'sleep'; readonly microseconds: number }
  /** Blocks until a listener is ready, at most so long; -1: forever. */
  | { readonly kind: 'poll'; readonly milliseconds: number }

/** What is under way. */
export type Turn = {
  /** A call is being served. */
  readonly serving: boolean
  /** Something went on in this turn. */
  readonly happened: boolean
  /** Of each call that is being served, nothing but its own notification is expected. */
  readonly onlyNotifications: boolean
  /** Turns since something went on. */
  readonly idleTurns: number
  /** Turns since the listeners were looked at. */
  readonly blindTurns: number
  /** How long to pause where nothing is under way, in ms; -1: forever. */
  readonly timeout: number
}

/** A stop takes microseconds: so often the CPU is only yielded, then slept in growing steps. */
const YIELDS = 64
const SHORTEST_SLEEP_US = 20
const LONGEST_SLEEP_US = 1000
/** What the listeners do not tell is looked for so often: that a thread died before its notification, or a stop that takes long. */
const LOOK_MS = 20
/** From then on a stop takes long: a frozen VMM must cost nothing. */
const LONG_TURNS = 400
/** To look at the listeners costs as much as a step of a call: calls that come wait for so many of them. */
const BLIND_TURNS = 16

/** How to pause: for a stop, which poll(2) does not tell, by looking often; for a call, by poll. */
export const pauseAfter = ({
  serving,
  happened,
  onlyNotifications,
  idleTurns,
  blindTurns,
  timeout,
}: Turn): Pause => {
  if (!serving) return { kind: 'poll', milliseconds: timeout }
  if (onlyNotifications) return { kind: 'poll', milliseconds: LOOK_MS }
  if (blindTurns >= BLIND_TURNS && idleTurns < YIELDS) return { kind: 'poll', milliseconds: 0 }
  if (happened) return { kind: 'none' }
  if (idleTurns < YIELDS) return { kind: 'yield' }
  if (idleTurns > LONG_TURNS) return { kind: 'poll', milliseconds: LOOK_MS }
  const microseconds = SHORTEST_SLEEP_US * 2 ** Math.min(idleTurns - YIELDS, 6)
  return { kind: 'sleep', microseconds: Math.min(microseconds, LONGEST_SLEEP_US) }
}
