import { ptraceDetach } from '../../linux/ptrace/ptrace.ffi.ts'
import { stopEvent } from '../../linux/ptrace/wait-status.ts'
import { pollWaitStatus } from '../../linux/ptrace/wait.ffi.ts'

/**
 * Lets an interrupted thread go at its stop, with the signal that came first if one did; false if it has neither stopped nor ended yet.
 */
export const letGoAtStop = (tid: number): boolean => {
  const status = pollWaitStatus(tid)
  if (status === undefined) return false
  const event = status < 0 ? { kind: 'ended' as const } : stopEvent(status)
  if (event.kind !== 'ended') ptraceDetach(tid, event.kind === 'signal-stop' ? event.signal : 0)
  return true
}
