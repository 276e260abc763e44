import { InterruptedThreads } from '../launch/act/interrupted-threads.ts'
import type { SupervisedSession } from '../launch/act/supervised-session.ts'
import { waitingThreads } from '../launch/act/take-over.ts'
import type { Notification, NotificationListener } from '../linux/seccomp/notification-listener.ffi.ts'

export type AnsweringStart = {
  readonly listener: NotificationListener
  /** Processes of which a thread may wait in a call that another supervisor received. */
  readonly pids: readonly number[]
  /** Threads that were interrupted before, and may still have to be let go. */
  readonly interrupted?: readonly number[]
  /** The last task of the filter has ended. */
  readonly onEnd?: () => void
}

/** A session that levels nothing and answers each call at once. Owns the listener. */
export abstract class AnsweringSession implements SupervisedSession {
  readonly listener: NotificationListener
  readonly isToVerify = false
  readonly #interrupted: InterruptedThreads
  readonly #onEnd: (() => void) | undefined

  constructor({ listener, pids, interrupted, onEnd }: AnsweringStart) {
    this.listener = listener
    this.#onEnd = onEnd
    this.#interrupted = new InterruptedThreads(interrupted, waitingThreads(pids.map((pid) => ({ pid }))))
  }

  get isServing(): boolean {
    return this.#interrupted.areLeft
  }

  get holdsThreads(): boolean {
    return this.#interrupted.tids.length > 0
  }

  get expectsNotifications(): boolean {
    return !this.isServing
  }

  verify(): void {
    // Nothing is planned.
  }

  advance(): boolean {
    return this.#interrupted.advance()
  }

  receive(): boolean {
    const received = this.listener.receive()
    if (typeof received === 'number') return false
    this.#interrupted.notified(received.tid)
    this.answer(received)
    return true
  }

  /** Resumes or answers the call. */
  protected abstract answer(notification: Notification): void

  end(): void {
    this.#onEnd?.()
    this[Symbol.dispose]()
  }

  [Symbol.dispose](): void {
    this.listener[Symbol.dispose]()
  }
}
