import { commandOfProcess, processOfThread } from '../launch/act/process-facts.ts'
import { notifiedCall } from '../launch/decide/notified-call.ts'
import { describeCall } from '../launch/record/describe-call.ts'
import { negativeErrno } from '../linux/errno.ts'
import type { Notification } from '../linux/seccomp/notification-listener.ffi.ts'
import { AnsweringSession, type AnsweringStart } from './answering-session.ts'
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
}

/** A launch of which nobody here can read plan and state: what needs neither is answered, so that its VM goes on. Owns the listener. */
export class OrphanedSession extends AnsweringSession {
  readonly #care: OrphanCare
  /** The calls that were refused, each said once. */
  readonly #said = new Set<string>()

  constructor(start: AnsweringStart, care: OrphanCare) {
    claimListener(start.listener.fd, care.keeper)
    super(start)
    this.#care = care
  }

  override receive(): boolean {
    if (isClaimedBy(this.listener.fd, this.#care.keeper)) return super.receive()
    this.#care.onClaimed(this)
    return false
  }

  protected answer(notification: Notification): void {
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
}
