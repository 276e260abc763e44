import { negativeErrno } from '../../linux/errno.ts'
import type { Notification, NotificationListener } from '../../linux/seccomp/notification-listener.ffi.ts'
import type { PlanFinding } from '../../api/finding.ts'
import { describeCall } from '../record/describe-call.ts'
import type { LaunchFact } from '../record/launch-fact.ts'
import type { LaunchPolicy } from '../decide/launch-policy.ts'
import { LaunchRecorder } from '../record/launch-recorder.ts'
import type { LaunchRecord } from '../record/launch-record.ts'
import { notifiedCall, type NotifiedCall } from '../decide/notified-call.ts'
import type { ProcessSituation } from '../decide/on-notification.ts'
import { readIdregs } from '../record/read-idregs.ts'
import { refusal } from '../../catalogue/refusal-reasons.ts'
import { StepTimer } from '../decide/step-timer.ts'
import { verifyIdregs } from '../record/verify-idregs.ts'
import type { LaunchState } from '../launch-state.ts'
import { serveCall } from '../script/serve-call.ts'
import { hostIpaBits } from './host-ipa-bits.ts'
import { debugfsExits, debugfsIdregs, debugfsVms } from './kvm-debugfs.ts'
import { LaunchProcesses } from './launch-processes.ts'
import type { LaunchProcess } from './launch-process.ts'
import { performScript } from './perform-script.ts'
import { letGoAtStop } from './interrupted-thread.ts'
import { commandOfProcess } from './process-facts.ts'
import { CallQueue } from './call-queue.ts'
import { ServedCall, type ServedEnd } from './served-call.ts'
import type { SupervisorMemory } from './supervisor-memory.ts'

const EIO = negativeErrno('EIO')

/** When a record is told: something was refused; it was verified, or differs; the last task of the filter has ended. */
export type LaunchMoment = 'refused' | 'verified' | 'ended'

/** What a session starts from. `state` is what a supervisor before this one knew. */
export type SessionStart = {
  readonly listener: NotificationListener
  readonly policy: LaunchPolicy
  readonly memory: SupervisorMemory
  readonly tell: (moment: LaunchMoment, record: LaunchRecord) => void
  readonly state?: LaunchState
  /** Threads that were interrupted so that their calls notify again, and are to be let go. */
  readonly interrupted?: readonly number[]
}

/** One listener under supervision: the processes of one filter, the calls that are being served, and the record of what was done. */
export class LaunchSession {
  readonly listener: NotificationListener
  readonly #policy: LaunchPolicy
  readonly #recorder: LaunchRecorder
  readonly #processes: LaunchProcesses
  readonly #hostIpaBits: number
  readonly #memory: SupervisorMemory
  readonly #tell: SessionStart['tell']
  readonly #calls = new CallQueue<ServedCall>()
  readonly #interrupted: Set<number>
  #toldRefusals = 0
  #toVerify = false

  constructor({ listener, policy, memory, tell, state, interrupted }: SessionStart) {
    this.listener = listener
    this.#policy = policy
    this.#memory = memory
    this.#tell = tell
    this.#recorder = new LaunchRecorder(policy, state?.recorder)
    this.#processes = new LaunchProcesses(state)
    this.#interrupted = new Set(interrupted)
    this.#toVerify = (state?.recorder.vcpus ?? 0) > 0
    this.#hostIpaBits = hostIpaBits(policy)
  }

  /** Whether a thread will stop, or end: of a call that is being served, or one that was interrupted. */
  get isServing(): boolean {
    return this.#calls.isServing || this.#interrupted.size > 0
  }

  /** Whether nothing but notifications is expected: of the calls that its threads were told to make. */
  get expectsNotifications(): boolean {
    return this.#interrupted.size === 0 && this.#calls.served().every((call) => call.expectsNotification)
  }

  /** Whether a levelled VM has yet to be looked at after it has run: {@link verify}. */
  get isToVerify(): boolean {
    return this.#toVerify
  }

  /** Goes on with the threads that have stopped or ended since; whether there was one. */
  advance(): boolean {
    let happened = false
    for (const tid of this.#interrupted) if (letGoAtStop(tid)) happened = this.#interrupted.delete(tid)
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
    const served = this.#calls.inThread(received.tid)
    if (served?.expectsNotification === true) this.#letPass(served, received)
    else this.#take(received)
    return true
  }

  /** Looks at KVM's debugfs, after a levelled VM has run. Without debugfs there is nothing to look at. */
  verify(): void {
    const vms = debugfsVms(this.#processes.creators())
    this.#toVerify &&= vms !== undefined && vms.length > 0
    const ran = vms?.find((vm) => debugfsExits(vm) > 0)
    const text = ran && debugfsIdregs(ran)
    if (ran === undefined || text === undefined) return
    const shown = { vm: ran.name, shown: readIdregs(text), kept: this.#recorder.kept }
    this.#recorder.setVerification(verifyIdregs(this.#policy, shown))
    this.#toVerify = false
    this.#tell('verified', this.#recorder.record())
  }

  /** Threads that were lost with a supervisor before this one. */
  addLost(findings: readonly PlanFinding[]): void {
    for (const finding of findings) this.#addFinding(finding, true)
  }

  /** The last task of the filter has ended. */
  end(): void {
    for (const call of this.#calls.served()) this.#end(call, { kind: 'ended' })
    this.#tell('ended', this.#recorder.record())
    this[Symbol.dispose]()
  }

  #letPass(served: ServedCall, { id }: Notification): void {
    // Where it was interrupted meanwhile (SIGSTOP) its thread stops, and makes it anew.
    if (this.listener.resume(id) < 0) return
    const end = served.goOn({ kind: 'notified' })
    if (end !== undefined) this.#end(served, end)
  }

  #take(notification: Notification): void {
    const process = this.#processOf(notification)
    if (process === undefined || this.#calls.queue(process.pid, notification)) return
    try {
      this.#serve(notification, process)
    } catch (error) {
      // What a successor needs could not be saved (ENOSPC): nothing was done yet.
      this.#recorder.addFindings([refusal({ reason: 'StepFailed', limit: String(error) })], true)
      this.listener.answer(notification.id, EIO)
    }
  }

  /** Undefined where the call waits no more, or comes from where this process cannot see it: then it has its answer. */
  #processOf({ id, tid }: Notification): LaunchProcess | undefined {
    const pid = tid === 0 ? undefined : this.#processes.pidOf(tid)
    if (!this.listener.isValid(id)) return undefined
    if (pid !== undefined) return this.#processes.get(pid)
    this.#recorder.addFindings([refusal({ reason: 'NotTraceable' })], true)
    this.listener.answer(id, EIO)
    return undefined
  }

  #serve(notification: Notification, process: LaunchProcess): void {
    const timer = new StepTimer(this.#recorder, performance.now())
    timer.begin('look at the process', performance.now())
    this.#shareListener(process, notification.id)
    const call = notifiedCall(notification)
    const waiting = { call, args: notification.args, situation: this.#situation(process, call) }
    const audience = {
      note: (fact: LaunchFact) => {
        this.#note(fact, process, notification.tid)
      },
      begin: (step: string) => {
        timer.begin(step, performance.now())
      },
      hold: () => {
        this.#memory.hold(notification.tid, process.pid)
      },
      save: () => {
        this.#saveState()
      },
    }
    const script = serveCall(this.#policy, waiting)
    const work = performScript(script, { listener: this.listener, notification, audience })
    const served = new ServedCall({ notification, process, timer, work })
    this.#calls.begin(served)
    const end = served.goOn()
    if (end !== undefined) this.#end(served, end)
  }

  /** With a duplicate in the VMM a call waits for our successor if we die, instead of failing with ENOSYS. */
  #shareListener(process: LaunchProcess, id: bigint): void {
    if (process.listenerFd !== undefined) return
    // Should we die in between, our successor looks for it in the process: it must know which.
    this.#saveState()
    const fd = this.listener.addFd(id, this.listener.fd)
    if (fd < 0) return
    process.listenerFd = fd
    this.#saveState()
  }

  #situation(process: LaunchProcess, call: NotifiedCall): ProcessSituation {
    return {
      ...process.situation(call),
      askedForSve: this.#recorder.hasRefused('VcpuFeatureDisabled', 'sve'),
      hostIpaBits: this.#hostIpaBits,
    }
  }

  #note(fact: LaunchFact, process: LaunchProcess, tid: number): void {
    switch (fact.kind) {
      case 'vm':
        process.creators.add(tid)
        this.#recorder.addVm({ pid: process.pid, command: commandOfProcess(process.pid) })
        break
      case 'unlevelled-vm':
        process.addUnlevelledVm(tid)
        this.#saveState()
        break
      case 'vcpu':
        this.#toVerify = true
        this.#recorder.addVcpu(fact.writes)
        if (fact.levelled) process.addLevelledVcpu(fact.fd, fact.vmWide)
        break
      case 'register-list':
        process.keepRegisterList(fact.fd, fact.list)
        break
      case 'findings':
        this.#recorder.addFindings(fact.findings, fact.failed)
        break
      case 'call':
        this.#recorder.addCall(fact.call, fact.answer)
        break
      default:
        fact satisfies never
    }
  }

  #isOverdue(call: ServedCall): void {
    const limit = `thread ${call.notification.tid}`
    const hasRun = call.process.mayHaveRun()
    if (hasRun) call.mayTakeLong()
    else call.kill()
    this.#addFinding(refusal({ reason: hasRun ? 'StopTakesLong' : 'StopTimedOut', limit }), !hasRun)
  }

  #addFinding(finding: PlanFinding, failed: boolean): void {
    this.#recorder.addFindings([finding], failed)
    this.#tellRefusals()
  }

  /**
   * A call was served, or its thread is lost. Those that queued behind it are taken until one is being served; of a process that has
   * ended none is.
   */
  #end(served: ServedCall, end: ServedEnd): void {
    const { notification, timer } = served
    const queued = this.#calls.end(served)
    this.#memory.letGo(notification.tid)
    timer.endAll(performance.now())
    this.#recorder.addCall(describeCall(notifiedCall(notification)), this.#answerOf(end, notification.tid))
    this.#tellRefusals()
    for (const next of queued) this.#take(next)
  }

  #answerOf(end: ServedEnd, tid: number): string {
    const limit = `thread ${tid}`
    switch (end.kind) {
      case 'served':
        return end.answer
      case 'killed':
        return 'killed'
      case 'ended':
        this.#recorder.addFindings([refusal({ reason: 'VmmExited', limit })], true)
        return 'ended'
      case 'failed':
        this.#recorder.addFindings([refusal({ reason: 'StepFailed', limit: String(end.error) })], true)
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
