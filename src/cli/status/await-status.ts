import type { Clock } from '../../runtime/clock.ts'
import type { ClusterStatus } from './cluster-status.ts'

const LOOK_AGAIN_MS = 2_000
const SAID_EACH_MS = 15_000

export type Patience = {
  readonly clock: Pick<Clock, 'monotonic' | 'sleep'>
  readonly timeoutSeconds: number
  /** A line about what it waits for. */
  readonly say: (line: string) => void
}

/** Looks until there is no problem, or the time is over; resolves with what it saw last. Rejects if `look` does. */
export const awaitStatus = async (
  look: () => Promise<ClusterStatus>,
  { clock, timeoutSeconds, say }: Patience,
): Promise<ClusterStatus> => {
  const endsAtMs = clock.monotonic() + timeoutSeconds * 1000
  let saidAtMs = -Infinity
  for (;;) {
    const found = await look()
    const [first] = found.problems
    const nowMs = clock.monotonic()
    if (first === undefined || nowMs >= endsAtMs) return found
    if (nowMs - saidAtMs >= SAID_EACH_MS) {
      saidAtMs = nowMs
      const others = found.problems.length > 1 ? ` (and ${found.problems.length - 1} more)` : ''
      say(`waiting: ${first.about}: ${first.what}${others}`)
    }
    await clock.sleep(LOOK_AGAIN_MS)
  }
}
