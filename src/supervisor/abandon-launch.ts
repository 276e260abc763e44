import type { LaunchSession } from '../launch/act/launch-session.ts'
import { ptraceDetach } from '../linux/ptrace/ptrace.ffi.ts'
import { killBound } from './kill-bound.ts'

/** A fault that comes again and again would cost the other launches their supervisor's time. */
export const MOST_FAULTS = 3

/** The processes that died, and the threads that may still have to be let go. */
type AbandonedLaunch = { readonly lost: readonly number[]; readonly interrupted: readonly number[] }

/** Ends a session that had a fault of ours: processes with a thread on borrowed registers die, the other threads are let go. */
export const abandonLaunch = (session: LaunchSession): AbandonedLaunch => {
  const threads = session.abandon()
  killBound(threads.bound)
  return {
    lost: [...new Set(threads.bound.map(({ pid }) => pid))],
    interrupted: threads.interrupted.filter((tid) => ptraceDetach(tid, 0) !== 0),
  }
}
