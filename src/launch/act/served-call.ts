import { ERRNO } from '../../linux/abi/errno.ts'
import { SystemCallError } from '../../linux/errno.ts'
import { killProcess } from '../../linux/process/kill.ffi.ts'
import { stopEvent } from '../../linux/ptrace/wait-status.ts'
import { pollWaitStatus } from '../../linux/ptrace/wait.ffi.ts'
import type { Notification } from '../../linux/seccomp/notification-listener.ffi.ts'
import { Patience } from '../decide/patience.ts'
import type { StepTimer } from '../decide/step-timer.ts'
import type { CallVcpus } from './call-vcpus.ts'
import type { LaunchProcess } from './launch-process.ts'
import { UntouchedError } from './perform-script.ts'
import type { Expected, ThreadEvent, ThreadWork } from './tracee.ts'

const SIGKILL = 9

/** How the serving of a call ended. */
export type ServedEnd =
  /** The script has ended: the result of the call. */
  | { readonly kind: 'served'; readonly answer: string }
  /** The thread ended on the way. */
  | { readonly kind: 'ended' }
  /** It did not stop in time, and has been killed. */
  | { readonly kind: 'killed' }
  /** A step failed: the process was killed where its thread could not go on. */
  | { readonly kind: 'failed'; readonly error: unknown; readonly answer: 'killed' | 'given up' }

type Served = {
  readonly notification: Notification
  readonly process: LaunchProcess
  readonly timer: StepTimer
  readonly work: ThreadWork<string>
  /** Held as long as the call is served. */
  readonly vcpus: CallVcpus
}

/** A call that is being served: what is expected of its thread, and until when. */
export class ServedCall {
  readonly notification: Notification
  readonly process: LaunchProcess
  readonly timer: StepTimer
  readonly vcpus: CallVcpus
  readonly #work: ThreadWork<string>
  #expected: Expected | undefined
  #patience = new Patience(0)
  /** Its thread has to end, and nothing else is expected of it. */
  #ending = false
  #killed = false
  #failure: Extract<ServedEnd, { readonly kind: 'failed' }> | undefined
  #mayTakeLong = false

  constructor({ notification, process, timer, work, vcpus }: Served) {
    this.vcpus = vcpus
    this.notification = notification
    this.process = process
    this.timer = timer
    this.#work = work
  }

  /** Whether the filter's notification of a call that its thread was told to make is expected. */
  get expectsNotification(): boolean {
    return this.#expected === 'notification' && !this.#ending
  }

  /** Whether its thread is on borrowed registers. */
  isBound = false

  /** Goes on from what happened, until something else is expected (undefined) or to the end. */
  goOn(event?: ThreadEvent): ServedEnd | undefined {
    try {
      // A generator's first next() takes no value.
      const next = event === undefined ? this.#work.next() : this.#work.next(event)
      if (next.done === true) return { kind: 'served', answer: next.value }
      this.#expected = next.value
      this.waitOn()
      return undefined
    } catch (error) {
      return this.#stumble(error)
    }
  }

  /** Goes on where the thread has stopped or ended since: the end of serving, `progress`, or undefined if it has not. */
  look(): ServedEnd | 'progress' | undefined {
    const status = pollWaitStatus(this.notification.tid)
    if (status === undefined) {
      this.#patience.look(performance.now())
      return undefined
    }
    const event = status < 0 ? { kind: 'ended' as const } : stopEvent(status)
    if (event.kind === 'ended') return this.#failure ?? { kind: this.#killed ? 'killed' : 'ended' }
    if (this.#ending) return 'progress'
    return this.goOn(event) ?? 'progress'
  }

  /** Whether what is expected should have happened by now; never again once it {@link mayTakeLong}. */
  get isOverdue(): boolean {
    return !this.#ending && !this.#mayTakeLong && this.#patience.isOver
  }

  /** It is held up by others than itself: it gets as long again. */
  waitOn(): void {
    this.#patience = new Patience(performance.now())
  }

  /** A VM of the process has run: the thread is let go at its stop, however long that takes. */
  mayTakeLong(): void {
    this.#mayTakeLong = true
  }

  /** Kills the process: only its death lets go of a thread that does not stop. The thread's end is then expected. */
  kill(): void {
    killProcess(this.process.pid, SIGKILL)
    this.#ending = true
    this.#killed = true
  }

  #stumble(error: unknown): ServedEnd | undefined {
    if (error instanceof UntouchedError) return { kind: 'failed', error: error.cause, answer: 'given up' }
    const isGone = error instanceof SystemCallError && error.errno === ERRNO.ESRCH
    // A stopped thread refuses only when it was killed. Else it is on borrowed registers and cannot go on. Its parent sees its end once
    // we have.
    this.#ending = true
    if (isGone) return undefined
    killProcess(this.process.pid, SIGKILL)
    this.#failure = { kind: 'failed', error, answer: 'killed' }
    return undefined
  }
}
