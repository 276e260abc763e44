import { InterruptedThreads } from '../../launch/act/interrupted-threads.ts'
import type { SupervisedSession } from '../../launch/act/supervised-session.ts'
import { waitingThreads } from '../../launch/act/take-over.ts'
import { notifiedCall } from '../../launch/decide/notified-call.ts'
import { negativeErrno } from '../../linux/errno.ts'
import type { NotificationListener } from '../../linux/seccomp/notification-listener.ffi.ts'

const EPERM = negativeErrno('EPERM')

export type UnlevelledStart = {
  readonly listener: NotificationListener
  /** Processes of which a thread may wait in a call that an agent before this one received. */
  readonly pids: readonly number[]
  /** Called before each KVM_CREATE_VM fails with EPERM; undefined: every call goes on as if there were no filter. */
  readonly onRefused: (() => void) | undefined
  readonly onEnd: () => void
}

/** A listener whose VMs are not levelled: they go on as if there were no filter, or are not made. Owns the listener. */
export class UnlevelledSession implements SupervisedSession {
  readonly listener: NotificationListener
  readonly isToVerify = false
  readonly #interrupted: InterruptedThreads
  readonly #start: UnlevelledStart

  constructor(start: UnlevelledStart) {
    this.listener = start.listener
    this.#start = start
    this.#interrupted = new InterruptedThreads([], waitingThreads(start.pids.map((pid) => ({ pid }))))
  }

  get isServing(): boolean {
    return this.#interrupted.areLeft
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
    const { onRefused } = this.#start
    if (onRefused === undefined || notifiedCall(received).kind !== 'create-vm')
      this.listener.resume(received.id)
    else {
      // Before the answer: the VMM may end by it.
      onRefused()
      this.listener.answer(received.id, EPERM)
    }
    return true
  }

  end(): void {
    this.#start.onEnd()
    this[Symbol.dispose]()
  }

  [Symbol.dispose](): void {
    this.listener[Symbol.dispose]()
  }
}
