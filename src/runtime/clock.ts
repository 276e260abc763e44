/**
 * The interface to time. Everything that waits or stamps takes one, so that tests can move time by hand.
 */
export type Clock = {
  /** Wall-clock time in ms since the epoch: for stamps others read. It may jump. */
  now(): number
  /** Milliseconds that never go backwards: for deadlines and durations. */
  monotonic(): number
  /** Resolves after `ms`, or at once when `signal` aborts: the caller looks at the signal. Never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

/** Longer delays overflow Node's 32-bit timers and would fire at once (Node docs, `setTimeout`). */
const longestTimerMs = 2 ** 31 - 1

/** The machine's own clock. */
export const systemClock: Clock = Object.freeze({
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms: number, signal?: AbortSignal) =>
    new Promise<void>((resolve) => {
      if (signal?.aborted === true) {
        resolve()
        return
      }
      const finish = () => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', finish)
        resolve()
      }
      const timer = setTimeout(finish, Math.min(Math.max(ms, 0), longestTimerMs))
      signal?.addEventListener('abort', finish, { once: true })
    }),
})
