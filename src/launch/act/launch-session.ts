import { negativeErrno } from '../../linux/errno.ts'
import type { Notification, NotificationListener } from '../../linux/seccomp/notification-listener.ffi.ts'
import type { LaunchRefusal } from '../../api/finding.ts'
import { describeCall } from '../record/describe-call.ts'
import type { LaunchFact } from '../record/launch-fact.ts'
import { isStrict, type LaunchPolicy } from '../decide/launch-policy.ts'
import { LaunchRecorder } from '../record/launch-recorder.ts'
import type { LaunchRecord } from '../record/launch-record.ts'
import { notifiedCall, type NotifiedCall } from '../decide/notified-call.ts'
import type { LaunchHost } from '../decide/call-situation.ts'
import { refusal } from '../../catalogue/refusal-reasons.ts'
import { StepTimer } from '../decide/step-timer.ts'
import type { LaunchState } from '../launch-state.ts'
import { CallVcpus } from './call-vcpus.ts'
import { launchHost } from './launch-host.ts'
import { LaunchProcesses } from './launch-processes.ts'
import type { LaunchProcess } from './launch-process.ts'
import { LaunchVerification } from './launch-verification.ts'
import { ProcessTables } from './process-tables.ts'
import { scriptOfCall, situationOf } from './script-of-call.ts'
import { performScript } from './perform-script.ts'
import { InterruptedThreads } from './interrupted-threads.ts'
import { commandOfProcess, isHeldUp, isInIoctl } from './process-facts.ts'
import type { AbandonedThreads } from './abandoned-threads.ts'
import { CallQueue } from './call-queue.ts'
import { ServedCall, type ServedEnd } from './served-call.ts'
import type { SupervisorMemory } from './supervisor-memory.ts'

const EIO = negativeErrno('EIO')

/**
 * When a record is told: something was refused; a VM ran, was verified, or differs; another supervisor goes on; the last task of the
 * filter has ended.
 */
export type LaunchMoment = 'refused' | 'verified' | 'continued' | 'ended'

/**
 * Where the listener stays if its supervisor dies: in the VMM, as a duplicate, or with a holder, which is another process. A holder's
 * supervisor also says when a VM has run, with debugfs or without.
 */
export type ListenerHome = 'vmm' | 'holder'

/** What a session starts from. `state` is what a supervisor before this one knew. */
export type SessionStart = {
  readonly listener: NotificationListener
  readonly policy: LaunchPolicy
  readonly memory: SupervisorMemory
  readonly tell: (moment: LaunchMoment, record: LaunchRecord) => void
  readonly state?: LaunchState
  /** Threads that were interrupted so that their calls notify again, and are to be let go. */
  readonly interrupted?: InterruptedThreads
  /** Default: the VMM. */
  readonly home?: ListenerHome
}

/** One listener under supervision: the processes of one filter, the calls that are being served, and the record of what was done. */
export class LaunchSession {
  readonly listener: NotificationListener
  readonly #policy: LaunchPolicy
  readonly #recorder: LaunchRecorder
  readonly #processes: LaunchProcesses
  readonly #host: LaunchHost
  readonly #memory: SupervisorMemory
  readonly #tell: SessionStart['tell']
  readonly #calls = new CallQueue<ServedCall>()
  readonly #interrupted: InterruptedThreads
  readonly #verification: LaunchVerification
  readonly #home: ListenerHome
  #toldRefusals = 0

  constructor({ listener, policy, memory, tell, state, interrupted, home = 'vmm' }: SessionStart) {
    this.listener = listener
    this.#home = home
    this.#policy = policy
    this.#memory = memory
    this.#tell = tell
    this.#recorder = new LaunchRecorder(policy, state?.recorder)
    this.#processes = new LaunchProcesses(state)
    this.#interrupted = interrupted ?? new InterruptedThreads()
    this.#verification = new LaunchVerification({
      policy,
      processes: this.#processes,
      recorder: this.#recorder,
      isDue: (state?.recorder.vcpus ?? 0) > 0,
      countsRuns: home === 'holder',
    })
    this.#host = launchHost(policy)
  }

  /** Whether a thread will stop, or end: of a call that is being served, or one that was interrupted. */
  get isServing(): boolean {
    return this.#calls.isServing || this.#interrupted.areLeft
  }

  get holdsThreads(): boolean {
    return this.#calls.isServing || this.#interrupted.tids.length > 0
  }

  /** Whether nothing but notifications is expected: of the calls that its threads were told to make. */
  get expectsNotifications(): boolean {
    return !this.#interrupted.areLeft && this.#calls.served().every((call) => call.expectsNotification)
  }

  /** Whether a levelled VM has yet to be looked at after it has run: {@link verify}. */
  get isToVerify(): boolean {
    return this.#verification.isDue
  }

  /** Goes on with the threads that have stopped or ended since; whether there was one. */
  advance(): boolean {
    let happened = this.#interrupted.advance()
    for (const call of this.#calls.served()) {
      const came = call.look()
      if (came === undefined && call.isOverdue) this.#isOverdue(call)
      if (came === undefined) continue
      happened = true
      if (came !== 'progress') this.#end(call, came)
    }
    return happened
  }

  /** Takes the next call that the filter has notified; false if there was none after all. */
  receive(): boolean {
    const received = this.listener.receive()
    if (typeof received === 'number') return false
    this.#interrupted.notified(received.tid)
    const served = this.#calls.inThread(received.tid)
    if (served?.expectsNotification === true) this.#letPass(served, received)
    // That of a thread which was interrupted, and has not run since, is withdrawn when it does: it will notify again.
    else if (!this.#interrupted.has(received.tid)) this.#take(received)
    return true
  }

  /** Looks at KVM's debugfs, after a levelled VM has run: {@link LaunchVerification.look}. */
  verify(folders: readonly string[] | undefined): void {
    if (this.#verification.look(folders)) this.#tell('verified', this.#recorder.record())
  }

  /** Threads that were lost with a supervisor before this one. */
  addLost(refusals: readonly LaunchRefusal[]): void {
    for (const refused of refusals) this.#addRefusal(refused, true)
  }

  /** Tells what is known of a launch that another supervisor served, which may have ended before everybody was told. */
  tellAgain(): void {
    this.#tell('continued', this.#recorder.record())
  }

  /** The last task of the filter has ended. */
  end(): void {
    for (const call of this.#calls.served()) this.#end(call, { kind: 'ended' })
    this.#tell('ended', this.#recorder.record())
    this[Symbol.dispose]()
  }

  /**
   * Its supervisor had a fault in serving it, and somebody else continues it: closes what it has open, and forgets nothing. What is left
   * of the threads that it was serving.
   */
  abandon(): AbandonedThreads {
    const calls = this.#calls.served().toArray()
    for (const { vcpus } of calls) vcpus[Symbol.dispose]()
    this.#processes[Symbol.dispose]()
    this.listener[Symbol.dispose]()
    const bound = calls.filter(({ isBound }) => isBound)
    const waiting = calls.filter(({ isBound }) => !isBound)
    const threadOf = ({ notification, process }: ServedCall) => ({ tid: notification.tid, pid: process.pid })
    return {
      bound: bound.map(threadOf),
      interrupted: [...this.#interrupted.tids, ...waiting.map(({ notification }) => notification.tid)],
    }
  }

  #letPass(served: ServedCall, { id }: Notification): void {
    // Where it was interrupted meanwhile (SIGSTOP) its thread stops, and makes it anew.
    if (this.listener.resume(id) < 0) return
    const end = served.goOn({ kind: 'notified' })
    if (end !== undefined) this.#end(served, end)
  }

  #take(notification: Notification): void {
    const process = this.#processOf(notification)
    if (process === undefined) return
    try {
      // Before it queues: our successor finds only calls of processes that it knows.
      this.#shareListener(process, notification.id)
      if (!this.#calls.queue(process.memory, notification)) this.#serve(notification, process)
    } catch (error) {
      // Nothing was done yet. Where it goes on its vCPU has no mark.
      process.memory.isOutOfSight ||= !this.#isStrict
      this.#giveUp(notification.id, refusal({ reason: 'StepFailed', cause: String(error) }))
    }
  }

  /** Undefined where the call waits no more, or comes from where this process cannot see it: then it has its answer. */
  #processOf({ id, tid }: Notification): LaunchProcess | undefined {
    const process = tid === 0 ? 'gone' : this.#processes.of(tid)
    if (!this.listener.isValid(id)) return undefined
    if (typeof process === 'object') return process
    if (process === 'gone') this.#giveUp(id, refusal({ reason: 'NotTraceable' }))
    else this.#giveUp(id, refusal({ reason: 'TooManyProcesses' }), true)
    return undefined
  }

  get #isStrict(): boolean {
    return isStrict(this.#policy)
  }

  /** A call that cannot be served fails with EIO under Strict, and goes on under BestEffort. */
  #giveUp(id: bigint, refused: LaunchRefusal, fails = this.#isStrict): void {
    this.#recorder.addRefusals([refused], fails)
    if (fails) this.listener.answer(id, EIO)
    else this.listener.resume(id)
  }

  #serve(notification: Notification, process: LaunchProcess): void {
    const timer = new StepTimer(this.#recorder, performance.now())
    timer.begin('look at the process', performance.now())
    const call = notifiedCall(notification)
    using unserved = new DisposableStack()
    const vcpus = unserved.use(this.#vcpus(call, process, notification.tid))
    const deciding = { policy: this.#policy, host: this.#host, memory: process.memory, vcpus }
    const { id, tid, args } = notification
    const isWaiting = (): boolean => this.listener.isValid(id)
    const script = scriptOfCall(deciding, { call, args, isWaiting, isMadeAgain: () => isInIoctl(tid, args) })
    if (script === undefined) return
    unserved.move()
    if (call.kind === 'vcpu-init') process.memory.hasVcpus = true
    const audience = {
      note: (fact: LaunchFact) => {
        this.#note(fact, process, notification.tid)
      },
      begin: (step: string) => {
        timer.begin(step, performance.now())
      },
      look: () => situationOf(deciding, vcpus.look()),
      hold: () =>
        this.#kept(() => {
          this.#memory.hold(notification.tid, process.pid)
        }),
      bound: () => {
        served.isBound = true
      },
      save: () =>
        this.#kept(() => {
          this.#saveState()
        }),
    }
    const performed = { listener: this.listener, notification, audience, vcpus, goesOn: !this.#isStrict }
    const served = new ServedCall({
      notification,
      process,
      timer,
      vcpus,
      work: performScript(script, performed),
    })
    this.#calls.begin(served)
    const end = served.goOn()
    if (end !== undefined) this.#end(served, end)
  }

  #vcpus(call: NotifiedCall, { memory, pid }: LaunchProcess, tid: number): CallVcpus {
    const tables = new ProcessTables({ tid, pid }, this.#processes.sharing(memory))
    return new CallVcpus(tables, memory, 'fd' in call ? call.fd : undefined)
  }

  /** Whether what a successor needs could be saved: where not (ENOSPC) the record says why. */
  #kept(save: () => void): boolean {
    try {
      save()
      return true
    } catch (error) {
      this.#recorder.addRefusals([refusal({ reason: 'StepFailed', cause: String(error) })], this.#isStrict)
      return false
    }
  }

  /** With a duplicate in the VMM a call waits for our successor if we die, instead of failing with ENOSYS. */
  #shareListener(process: LaunchProcess, id: bigint): void {
    if (this.#home === 'holder' || process.listenerFd !== undefined) return
    // Should we die in between, our successor looks for it in the process: it must know which.
    this.#saveState()
    const fd = this.listener.addFd(id, this.listener.fd)
    if (fd < 0) return
    process.listenerFd = fd
    this.#saveState()
  }

  #note(fact: LaunchFact, process: LaunchProcess, tid: number): void {
    switch (fact.kind) {
      case 'vm':
        this.#verification.beforeNewVm(process)
        process.addCreator(tid)
        this.#recorder.addVm({ pid: process.pid, command: commandOfProcess(process.pid) })
        break
      case 'vcpu':
        this.#verification.afterNewVcpu()
        this.#recorder.addVcpu(fact.writes)
        break
      case 'vm-kept':
        process.memory.vms.keep(fact.label, fact)
        break
      case 'sight-lost':
        process.memory.isOutOfSight = true
        break
      case 'refusals':
        this.#recorder.addRefusals(fact.refusals, fact.failed)
        break
      case 'answered':
        this.#recorder.addAnswer()
        break
      case 'call':
        this.#recorder.addCall(fact.call, fact.answer)
        break
      default:
        fact satisfies never
    }
  }

  #isOverdue(call: ServedCall): void {
    if (isHeldUp(call.notification.tid)) {
      call.waitOn()
      return
    }
    const cause = `thread ${call.notification.tid}`
    const hasRun = call.vcpus.mayHaveRun()
    if (hasRun) call.mayTakeLong()
    else call.kill()
    this.#addRefusal(refusal({ reason: hasRun ? 'StopTakesLong' : 'StopTimedOut', cause }), !hasRun)
  }

  #addRefusal(refused: LaunchRefusal, failed: boolean): void {
    this.#recorder.addRefusals([refused], failed)
    this.#tellRefusals()
  }

  /**
   * A call was served, or its thread is lost. Those that queued behind it are taken until one is being served; of a process that has
   * ended none is.
   */
  #end(served: ServedCall, end: ServedEnd): void {
    const { notification, timer } = served
    const queued = this.#calls.end(served)
    served.vcpus[Symbol.dispose]()
    this.#memory.letGo(notification.tid)
    timer.endAll(performance.now())
    this.#recorder.addCall(describeCall(notifiedCall(notification)), this.#answerOf(end, served))
    this.#tellRefusals()
    for (const next of queued) this.#take(next)
  }

  #answerOf(end: ServedEnd, { notification, process }: ServedCall): string {
    const cause = `thread ${notification.tid}`
    switch (end.kind) {
      case 'served':
        return end.answer
      case 'killed':
        return 'killed'
      case 'ended':
        this.#recorder.addRefusals([refusal({ reason: 'VmmExited', cause })], true)
        return 'ended'
      case 'failed':
        // Where it goes on its vCPU may have no mark.
        process.memory.isOutOfSight ||= end.answer === 'given up' && !this.#isStrict
        this.#recorder.addRefusals([refusal({ reason: 'StepFailed', cause: String(end.error) })], true)
        return end.answer
      default:
        return end satisfies never
    }
  }

  #tellRefusals(): void {
    if (this.#recorder.refusals <= this.#toldRefusals) return
    this.#toldRefusals = this.#recorder.refusals
    this.#tell('refused', this.#recorder.record())
  }

  /** For a successor: saved before what it says can be seen by the VMM. */
  #saveState(): void {
    this.#memory.save({ ...this.#processes.state(), recorder: this.#recorder.state() })
  }

  [Symbol.dispose](): void {
    this.#memory.forget()
    this.#processes[Symbol.dispose]()
    this.listener[Symbol.dispose]()
  }
}
