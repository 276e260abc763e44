import { setTimeout as sleep } from 'node:timers/promises'
import type { Supervisor } from './act/supervisor.ts'

/** How often debugfs is looked at, until the levelled VMs have run. */
const VERIFY_INTERVAL_MS = 100
/** While something of ours is under way the thread must not block: calls that come wait at most so long. */
const TURN_MS = 2

/** Looks at the VMs that have yet to be verified, as often as it should; then how long may be waited, in ms. */
class Verifier {
  readonly #supervisor: Supervisor
  #lookedAt = 0

  constructor(supervisor: Supervisor) {
    this.#supervisor = supervisor
  }

  look(): number {
    const sessions = [...this.#supervisor.sessions].filter(({ isToVerify }) => isToVerify)
    if (sessions.length === 0) return -1
    const since = performance.now() - this.#lookedAt
    if (since < VERIFY_INTERVAL_MS) return VERIFY_INTERVAL_MS - since
    for (const session of sessions) if (!session.isServing) session.verify()
    this.#lookedAt = performance.now()
    return VERIFY_INTERVAL_MS
  }
}

/** Serves a supervisor's sessions until `isOver`. `pending`: what else is under way, for which the thread must not block. */
export const superviseLaunches = async (
  supervisor: Supervisor,
  pending: ReadonlySet<Promise<void>>,
  isOver: () => boolean,
): Promise<void> => {
  const verifier = new Verifier(supervisor)
  while (!isOver()) {
    const timeout = verifier.look()
    const busy = supervisor.turn(pending.size > 0 ? 0 : timeout)
    if (!busy && pending.size > 0) await sleep(TURN_MS)
  }
}
