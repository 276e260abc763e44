import type { Notification, NotificationListener } from '../../linux/seccomp/notification-listener.ffi.ts'
import { pollReadable } from '../../linux/process/poll.ffi.ts'
import { TraceeLost } from './tracee.ts'

const DEADLINE_MS = 10_000

/** A listener whose calls are taken in order, but for those that we have injected ourselves. */
export class NotificationQueue {
  readonly #listener: NotificationListener
  readonly #waiting: Notification[] = []

  constructor(listener: NotificationListener) {
    this.#listener = listener
  }

  /** The next call; `timeout` in ms, -1 for ever. `closed`: no task is left that could make one. */
  next(timeout: number): Notification | 'none' | 'closed' {
    const waiting = this.#waiting.shift()
    if (waiting !== undefined) return waiting
    const readiness = pollReadable(this.#listener.fd, timeout)
    if (readiness !== 'readable') return readiness === 'closed' ? 'closed' : 'none'
    const received = this.#listener.receive()
    return typeof received === 'number' ? 'none' : received
  }

  /** Lets the notified call that was injected into `tid` pass; other threads' calls are kept for later. Throws TraceeLost. */
  resumeInjected(tid: number): void {
    const deadline = performance.now() + DEADLINE_MS
    while (performance.now() < deadline) {
      if (pollReadable(this.#listener.fd, DEADLINE_MS) === 'closed') throw new TraceeLost('ended')
      const received = this.#listener.receive()
      if (typeof received === 'number') continue
      if (received.tid === tid) {
        this.#listener.resume(received.id)
        return
      }
      this.#waiting.push(received)
    }
    throw new TraceeLost('timeout')
  }
}
