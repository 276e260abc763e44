import { InterruptedThreads } from '../launch/act/interrupted-threads.ts'
import { commandOfProcess, processOfThread } from '../launch/act/process-facts.ts'
import type { SupervisedSession } from '../launch/act/supervised-session.ts'
import { waitingThreads } from '../launch/act/take-over.ts'
import { notifiedCall } from '../launch/decide/notified-call.ts'
import { describeCall } from '../launch/record/describe-call.ts'
import { negativeErrno } from '../linux/errno.ts'
import type { Notification, NotificationListener } from '../linux/seccomp/notification-listener.ffi.ts'
import type { FoundListener } from './find-listeners.ts'
import { claimListener, isClaimedBy, type ListenerKeeper } from './listener-keeper.ts'
import { onOrphanCall } from './on-orphan-call.ts'
import type { Say } from './session-teller.ts'
import { shownVcpu } from './shown-vcpu.ts'

const EIO = negativeErrno('EIO')

type OrphanCare = {
  readonly keeper: ListenerKeeper
  readonly say: Say
  /** Another supervisor, which can read what was known of the launch, serves it from here on. */
  readonly onClaimed: (session: OrphanedSession) => void
  /** Threads that were interrupted before, and may still have to be let go. */
  readonly interrupted?: readonly number[]
}

/** A launch of which nobody here can read plan and state: what needs neither is answered, so that its VM goes on. Owns the listener. */
export class OrphanedSession implements SupervisedSession {
  readonly listener: NotificationListener
  readonly isToVerify = false
  readonly #care: OrphanCare
  readonly #interrupted: InterruptedThreads
  /** The calls that were refused, each said once. */
  readonly #said = new Set<string>()

  constructor({ listener, pids }: FoundListener, care: OrphanCare) {
    this.listener = listener
    this.#care = care
    claimListener(listener.fd, care.keeper)
    this.#interrupted = new InterruptedThreads(care.interrupted, waitingThreads(pids.map((pid) => ({ pid }))))
  }

  get isServing(): boolean {
    return this.#interrupted.areLeft
  }

  get expectsNotifications(): boolean {
    return !this.isServing
  }

  verify(): void {
    // No plan is known.
  }

  advance(): boolean {
    return this.#interrupted.advance()
  }

  receive(): boolean {
    if (!isClaimedBy(this.listener.fd, this.#care.keeper)) {
      this.#care.onClaimed(this)
      return false
    }
    const received = this.listener.receive()
    if (typeof received === 'number') return false
    this.#answer(received)
    return true
  }

  #answer(notification: Notification): void {
    const { id, tid } = notification
    const call = notifiedCall(notification)
    const pid = tid === 0 ? undefined : processOfThread(tid)
    const vcpu = pid !== undefined && 'fd' in call ? shownVcpu({ tid, pid }, call.fd) : undefined
    if (onOrphanCall(call, vcpu) === 'resume') {
      this.listener.resume(id)
      return
    }
    // Before the answer: the VMM may end by it.
    this.#sayRefused(pid, describeCall(call))
    this.listener.answer(id, EIO)
  }

  #sayRefused(pid: number | undefined, call: string): void {
    if (this.#said.has(call)) return
    this.#said.add(call)
    const process = pid === undefined ? 'an unknown process' : `process ${pid} (${commandOfProcess(pid)})`
    this.#care.say(
      `cpufeatures: ${call} of ${process} fails with EIO: nobody can read what was planned for this launch. ` +
        'Its VM continues and can be reset. Launch it again, or start a supervisor of the version that launched it',
    )
  }

  end(): void {
    this[Symbol.dispose]()
  }

  [Symbol.dispose](): void {
    this.listener[Symbol.dispose]()
  }
}
