import type { AbandonedThreads } from '../launch/act/abandoned-threads.ts'
import { killProcess } from '../linux/process/kill.ffi.ts'
import { sleepMicroseconds } from '../linux/process/sleep.ffi.ts'
import { stopEvent } from '../linux/ptrace/wait-status.ts'
import { pollWaitStatus } from '../linux/ptrace/wait.ffi.ts'

const SIGKILL = 9
const LOOK_US = 500
/** A killed thread ends at once unless the kernel holds it; the others are not kept waiting for that. */
const MOST_LOOKS = 1000

const hasEnded = (tid: number): boolean => {
  const status = pollWaitStatus(tid)
  return status !== undefined && (status < 0 || stopEvent(status).kind === 'ended')
}

/**
 * Kills the processes of threads that are on borrowed registers, as the kernel would at this process's end (PTRACE_O_EXITKILL). Waits
 * for the threads: only then does a parent see its child's end.
 */
export const killBound = (threads: AbandonedThreads['bound']): void => {
  for (const { pid } of threads) killProcess(pid, SIGKILL)
  for (const { tid } of threads)
    for (let looks = 0; looks < MOST_LOOKS && !hasEnded(tid); looks += 1) sleepMicroseconds(LOOK_US)
}
