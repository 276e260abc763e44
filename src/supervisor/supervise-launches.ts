import { setPriority } from 'node:os'
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import type { SupervisedSession } from '../launch/act/supervised-session.ts'
import type { Supervisor } from '../launch/act/supervisor.ts'
import { Verifier } from './verifier.ts'

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
  const verifier = new Verifier(
    (session: SupervisedSession) => {
      supervisor.verify(session)
    },
    () => performance.now(),
  )
  while (!isOver()) {
    const timeouts = [verifier.look(supervisor.sessions), heartbeatMs ?? -1].filter((timeout) => timeout >= 0)
    const timeout = timeouts.length === 0 ? -1 : Math.min(...timeouts)
    const busy = supervisor.turn(pending.size > 0 ? 0 : timeout)
    if (busy) continue
    if (pending.size > 0) await sleep(TURN_MS)
    else if (heartbeatMs !== undefined) await nextTurn()
  }
}
