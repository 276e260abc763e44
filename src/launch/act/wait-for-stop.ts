import { schedYield, sleepMicroseconds } from '../../linux/process/sleep.ffi.ts'
import { pollWaitStatus } from '../../linux/ptrace/wait.ffi.ts'
import { stopEvent, type StopEvent } from '../../linux/ptrace/wait-status.ts'

/** A stop of a traced thread, or that it did not come in time. */
export type StopResult = StopEvent | { readonly kind: 'timeout' }

/** How long a stop may take: an injected call waits at most for KVM's own locks, on a loaded host. */
const DEADLINE_MS = 10_000
/** A stop takes microseconds: so often the CPU is only yielded, then slept in growing steps. */
const YIELDS = 64
const LONGEST_SLEEP_US = 1000

/** Waits for a traced thread's next stop, without ever blocking beyond the deadline. */
export const waitForStop = (tid: number): StopResult => {
  const deadline = performance.now() + DEADLINE_MS
  let sleep = 20
  for (let attempt = 0; ; attempt++) {
    const status = pollWaitStatus(tid)
    if (status !== undefined) return status < 0 ? { kind: 'ended' } : stopEvent(status)
    if (attempt < YIELDS) {
      schedYield()
      continue
    }
    if (performance.now() > deadline) return { kind: 'timeout' }
    sleepMicroseconds(sleep)
    sleep = Math.min(sleep * 2, LONGEST_SLEEP_US)
  }
}
