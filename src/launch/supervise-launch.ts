import { setTimeout as sleep } from 'node:timers/promises'
import { LaunchSession } from './act/launch-session.ts'
import type { SessionStart } from './act/launch-session.ts'
import type { LaunchRecord } from './decide/launch-record.ts'

/** How often debugfs is looked at, until the levelled VM has run. */
const VERIFY_INTERVAL_MS = 100
/** While something of ours is under way the thread must not block: calls that come wait at most so long. */
const TURN_MS = 2

/** When a record is told: something was refused; it was verified, or differs; the last task of the filter has ended. */
export type LaunchMoment = 'refused' | 'verified' | 'ended'

/** Who is told, and what the teller has under way: the thread then does not block. */
export type LaunchAudience = {
  readonly tell: (moment: LaunchMoment, record: LaunchRecord) => void
  readonly pending: ReadonlySet<Promise<void>>
}

const timeoutOf = (session: LaunchSession, pending: ReadonlySet<Promise<void>>): number => {
  if (pending.size > 0) return 0
  return session.isToVerify ? VERIFY_INTERVAL_MS : -1
}

/**
 * Serves a listener until no task of its filter is left, on this thread: ptrace requests count only from the thread
 * that attached.
 */
export const superviseLaunch = async (
  start: SessionStart,
  { tell, pending }: LaunchAudience,
): Promise<void> => {
  using session = new LaunchSession(start)
  let refusals = 0
  for (;;) {
    const served = session.serve(timeoutOf(session, pending))
    if (served === 'closed') break
    if (served === 'idle' && pending.size > 0) await sleep(TURN_MS)
    if (session.refusals > refusals) tell('refused', session.record())
    refusals = session.refusals
    if (served === 'idle' && session.isToVerify && session.verify()) tell('verified', session.record())
  }
  tell('ended', session.record())
}
