import { setPriority } from 'node:os'
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import { debugfsVms } from '../launch/act/kvm-debugfs.ts'
import type { SupervisedSession } from '../launch/act/supervised-session.ts'
import type { Supervisor } from '../launch/act/supervisor.ts'
import { Verifier } from './verifier.ts'

/**
 * While we have work pending, the thread must not block. New calls then wait at most this long. And after so long in which something
 * happened all the time, timers and sockets of this process get their turn: a VMM may make calls without end. Time and not turns, because
 * a turn takes a hundred times as long on one machine as on another, and what others wait for, as the look at the pod of a new container,
 * needs dozens of turns of the sockets.
 */
const TURN_MS = 2

/** The nice value of the thread that serves. */
const NICE = -10

/** A waiting call fails with EINTR if a signal arrives whose handler has no SA_RESTART, so calls should wait as little as possible. */
const preferThisThread = (): void => {
  try {
    setPriority(NICE)
  } catch {
    // Without CAP_SYS_NICE, calls wait longer on a host short of CPU time.
  }
}

/** Until when to serve sessions, and which other work is pending. */
export type Supervision = {
  /** Pending work, for which the thread must not block. */
  readonly pending: ReadonlySet<Promise<void>>
  readonly isOver: () => boolean
  /** The longest time (ms) to block the thread, so that this process sees its signals. Default: no limit. */
  readonly heartbeatMs?: number
  /** Waits in another thread until one of the fds is readable or closed, at most so many ms (-1: forever): this thread never blocks. */
  readonly wait?: (fds: readonly number[], timeout: number) => Promise<void>
}

/** The shortest of these timeouts, where -1 means forever. */
const soonest = (timeouts: readonly number[]): number => {
  const limited = timeouts.filter((timeout) => timeout >= 0)
  return limited.length === 0 ? -1 : Math.min(...limited)
}

/** Serves a supervisor's sessions until it is over. */
export const superviseLaunches = async (
  supervisor: Pick<Supervisor, 'sessions' | 'turn' | 'verify' | 'fds'>,
  { pending, isOver, heartbeatMs, wait }: Supervision,
): Promise<void> => {
  preferThisThread()
  // One listing of debugfs serves all sessions that are looked at in a turn.
  let listing: { readonly folders: readonly string[] | undefined } | undefined
  const verifier = new Verifier(
    (session: SupervisedSession) => {
      listing ??= { folders: debugfsVms() }
      supervisor.verify(session, listing.folders)
    },
    () => performance.now(),
  )
  /** Nothing is under way: what this process does besides gets its time. */
  const rest = async (timeout: number): Promise<void> => {
    if (wait !== undefined) await wait(supervisor.fds, timeout)
    else if (pending.size > 0) await sleep(TURN_MS)
    else if (heartbeatMs !== undefined) await nextTurn()
  }
  let restedAt = performance.now()
  while (!isOver()) {
    listing = undefined
    const timeout = soonest([verifier.look(supervisor.sessions), heartbeatMs ?? -1])
    const busy = supervisor.turn(pending.size > 0 || wait !== undefined ? 0 : timeout)
    if (busy && performance.now() - restedAt < TURN_MS) continue
    if (busy) await nextTurn()
    else await rest(timeout)
    restedAt = performance.now()
  }
}
