import { setPriority } from 'node:os'
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import type { Supervisor } from '../launch/act/supervisor.ts'

/** How often debugfs is looked at, until the levelled VMs have run. */
const VERIFY_INTERVAL_MS = 100
/** While something of ours is under way the thread must not block: calls that come wait at most so long. */
const TURN_MS = 2

/** The nice value of the thread that serves. */
const NICE = -10

/** A signal that comes while a call waits fails it with EINTR where its handler has no SA_RESTART: the less it waits, the better. */
const preferThisThread = (): void => {
  try {
    setPriority(NICE)
  } catch {
    // Not allowed (CAP_SYS_NICE): on a host without CPU time calls wait longer.
  }
}

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

/** Until when sessions are served, and what else is under way. */
export type Supervision = {
  /** For which the thread must not block. */
  readonly pending: ReadonlySet<Promise<void>>
  readonly isOver: () => boolean
  /** The thread is not blocked for longer (ms): signals of this process are seen then. For ever if not given. */
  readonly heartbeatMs?: number
}

/** Serves a supervisor's sessions until it is over. */
export const superviseLaunches = async (
  supervisor: Supervisor,
  { pending, isOver, heartbeatMs }: Supervision,
): Promise<void> => {
  preferThisThread()
  const verifier = new Verifier(supervisor)
  while (!isOver()) {
    const timeouts = [verifier.look(), heartbeatMs ?? -1].filter((timeout) => timeout >= 0)
    const timeout = timeouts.length === 0 ? -1 : Math.min(...timeouts)
    const busy = supervisor.turn(pending.size > 0 ? 0 : timeout)
    if (busy) continue
    if (pending.size > 0) await sleep(TURN_MS)
    else if (heartbeatMs !== undefined) await nextTurn()
  }
}
