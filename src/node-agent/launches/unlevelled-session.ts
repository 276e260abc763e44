import { notifiedCall } from '../../launch/decide/notified-call.ts'
import { negativeErrno } from '../../linux/errno.ts'
import type { Notification } from '../../linux/seccomp/notification-listener.ffi.ts'
import { AnsweringSession, type AnsweringStart } from '../../supervisor/answering-session.ts'

const EPERM = negativeErrno('EPERM')

/** A listener whose VMs are not levelled: they go on as if there were no filter, or are not made. Owns the listener. */
export class UnlevelledSession extends AnsweringSession {
  readonly #onRefused: (() => void) | undefined

  /** `onRefused` is called before each KVM_CREATE_VM fails with EPERM; undefined: every call goes on as if there were no filter. */
  constructor(start: AnsweringStart, onRefused: (() => void) | undefined) {
    super(start)
    this.#onRefused = onRefused
  }

  protected answer(notification: Notification): void {
    if (this.#onRefused === undefined || notifiedCall(notification).kind !== 'create-vm')
      this.listener.resume(notification.id)
    else {
      // Before the answer: the VMM may end by it.
      this.#onRefused()
      this.listener.answer(notification.id, EPERM)
    }
  }
}
