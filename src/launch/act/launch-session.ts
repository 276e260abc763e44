import { errnoName, errnoNumber, SystemCallError } from '../../linux/errno.ts'
import type { LaunchState } from '../launch-state.ts'
import { KVM_REG_LIST } from '../../linux/abi/kvm.ts'
import { killProcess } from '../../linux/process/kill.ffi.ts'
import { readProcessMemory, writeProcessMemory } from '../../linux/process/process-memory.ffi.ts'
import type { Notification, NotificationListener } from '../../linux/seccomp/notification-listener.ffi.ts'
import type { LaunchPolicy } from '../decide/launch-policy.ts'
import { LaunchRecorder } from '../decide/launch-recorder.ts'
import type { LaunchRecord } from '../decide/launch-record.ts'
import { notifiedCall, type NotifiedCall } from '../decide/notified-call.ts'
import { onNotification, type Answer, type ProcessSituation } from '../decide/on-notification.ts'
import { readIdregs } from '../decide/read-idregs.ts'
import { refusal, type RefusalReason } from '../decide/refusal.ts'
import { registerListAnswer } from '../decide/register-list.ts'
import { verifyIdregs } from '../decide/verify-idregs.ts'
import { describeCall } from '../decide/describe-call.ts'
import { hostIpaBits } from './host-ipa-bits.ts'
import { createVm, getRegisterList, initVcpu, type InterventionContext } from './intervention.ts'
import { debugfsIdregs, debugfsVms } from './kvm-debugfs.ts'
import { LaunchProcess } from './launch-process.ts'
import { NotificationQueue } from './notification-queue.ts'
import { commandOfProcess, isThreadOf, processOfThread } from './process-facts.ts'
import { Tracee, TraceeLost } from './tracee.ts'

const SIGKILL = 9
const EINVAL = -BigInt(errnoNumber('EINVAL') ?? 22)
const EIO = -BigInt(errnoNumber('EIO') ?? 5)
const ESRCH = errnoNumber('ESRCH') ?? 3

const knownTexts = new WeakMap<readonly bigint[], string>()

/** A register list as text. Remembered: each is saved again with every change of the launch. */
const textOf = (list: readonly bigint[]): string => {
  const text = knownTexts.get(list) ?? list.join()
  knownTexts.set(list, text)
  return text
}

/** Where a supervisor keeps what its successor needs. */
export type SupervisorMemory = {
  readonly save: (state: LaunchState) => void
  /** The process of which a thread is held: should the supervisor die now, it dies too. 0: none. */
  readonly hold: (pid: number) => void
}

/** What a session starts from. `state` is what a supervisor before this one knew. */
export type SessionStart = {
  readonly listener: NotificationListener
  readonly policy: LaunchPolicy
  readonly memory: SupervisorMemory
  readonly state?: LaunchState
}

/** One listener under supervision: the processes of one filter, and the record of what was done to them. */
export class LaunchSession {
  readonly #listener: NotificationListener
  readonly #policy: LaunchPolicy
  readonly #queue: NotificationQueue
  readonly #recorder: LaunchRecorder
  readonly #processes = new Map<number, LaunchProcess>()
  readonly #hostIpaBits: number
  readonly #memory: SupervisorMemory
  #toVerify = false

  constructor({ listener, policy, memory, state }: SessionStart) {
    this.#listener = listener
    this.#policy = policy
    this.#memory = memory
    this.#queue = new NotificationQueue(listener)
    this.#recorder = new LaunchRecorder(policy, state?.recorder)
    const lists = (state?.registerLists ?? []).map((text) => (text === '' ? [] : text.split(',').map(BigInt)))
    for (const one of state?.processes ?? []) this.#processes.set(one.pid, LaunchProcess.restore(one, lists))
    this.#toVerify = (state?.recorder.vcpus ?? 0) > 0
    this.#hostIpaBits = policy.ipaBits === undefined ? 0 : hostIpaBits()
  }

  /** Serves the next call, or waits for one at most `timeout` ms (-1: for ever). `closed`: no task is left. */
  serve(timeout: number): 'served' | 'idle' | 'closed' {
    const next = this.#queue.next(timeout)
    if (next === 'closed') return 'closed'
    if (next === 'none') return 'idle'
    const start = performance.now()
    this.#handle(next)
    this.#recorder.addStep('in all', (performance.now() - start) * 1000)
    return 'served'
  }

  /** Whether a levelled VM has yet to be looked at after it has run: {@link verify}. */
  get isToVerify(): boolean {
    return this.#toVerify
  }

  /** Looks at KVM's debugfs; true where the record has changed. Without debugfs there is nothing to look at. */
  verify(): boolean {
    const creators = new Set([...this.#processes.values()].flatMap((process) => [...process.creators]))
    const vms = debugfsVms(creators)
    this.#toVerify &&= vms !== undefined && vms.length > 0
    const ran = vms?.find(({ exits }) => exits > 0)
    const text = ran && debugfsIdregs(ran.name)
    if (ran === undefined || text === undefined) return false
    const shown = { vm: ran.name, shown: readIdregs(text), kept: this.#recorder.kept }
    this.#recorder.setVerification(verifyIdregs(this.#policy, shown))
    this.#toVerify = false
    return true
  }

  /** For a successor: saved before what it says can be seen by the VMM. */
  #saveState(): void {
    const lists = new Map<string, number>()
    const indexOf = (list: readonly bigint[]): number => {
      const key = textOf(list)
      if (!lists.has(key)) lists.set(key, lists.size)
      return lists.get(key) ?? 0
    }
    const processes = [...this.#processes.values()].map((process) => process.state(indexOf))
    this.#memory.save({
      processes,
      registerLists: [...lists.keys()],
      recorder: this.#recorder.state(),
    })
  }

  /** How many different refusals there were: cheaper than the record. */
  get refusals(): number {
    return this.#recorder.refusals
  }

  /** What was done so far. */
  record(): LaunchRecord {
    return this.#recorder.record()
  }

  #handle(notification: Notification): void {
    const call = notifiedCall(notification)
    const process = this.#processOf(notification)
    if (process === undefined) return
    this.#shareListener(process, notification.id)
    const answer = onNotification(this.#policy, this.#situation(process, call), call)
    this.#recorder.addCall(
      describeCall(this.#policy, call),
      this.#act(notification, { call, process, answer }),
    )
  }

  /** Mostly there is one process, and to look for the thread there costs less than to read its status. */
  #pidOf(tid: number): number | undefined {
    const [pid] = this.#processes.keys()
    return pid !== undefined && this.#processes.size === 1 && isThreadOf(pid, tid)
      ? pid
      : processOfThread(tid)
  }

  /** Lets go of processes that have ended: a filter may see thousands. */
  #forgetEnded(): void {
    for (const [pid, process] of this.#processes) {
      if (isThreadOf(pid, pid)) continue
      process[Symbol.dispose]()
      this.#processes.delete(pid)
    }
  }

  /** Undefined where the call waits no more, or comes from where this process cannot see it: then it has its answer. */
  #processOf({ id, tid }: Notification): LaunchProcess | undefined {
    const pid = tid === 0 ? undefined : this.#pidOf(tid)
    if (!this.#listener.isValid(id)) return undefined
    if (pid === undefined) {
      this.#recorder.addFindings([refusal({ reason: 'NotTraceable' })], true)
      this.#listener.answer(id, EIO)
      return undefined
    }
    const known = this.#processes.get(pid)
    if (known !== undefined) return known
    this.#forgetEnded()
    const process = new LaunchProcess(pid)
    this.#processes.set(pid, process)
    return process
  }

  /** With a duplicate in the VMM a call waits for our successor if we die, instead of failing with ENOSYS. */
  #shareListener(process: LaunchProcess, id: bigint): void {
    if (process.listenerFd !== undefined) return
    // Should we die in between, our successor looks for it in the process: it must know which.
    this.#saveState()
    const fd = this.#listener.addFd(id, this.#listener.fd)
    if (fd < 0) return
    process.listenerFd = fd
    this.#saveState()
  }

  #situation(process: LaunchProcess, call: NotifiedCall): ProcessSituation {
    const fd = 'fd' in call ? call.fd : -1
    return {
      mayHaveRun: call.kind !== 'check-extension' && process.mayHaveRun(),
      hasUnlevelledVm: process.hasUnlevelledVm,
      isLevelledVcpu: process.isLevelledVcpu(fd),
      hasRegisterList: process.registerLists.has(fd),
      hostIpaBits: this.#hostIpaBits,
    }
  }

  /** Does what was decided; what came of it, for the record. */
  #act(notification: Notification, decided: Decided): string {
    const { answer, call, process } = decided
    switch (answer.kind) {
      case 'return':
        this.#listener.answer(notification.id, BigInt(answer.value))
        return `returns ${answer.value}`
      case 'resume':
        if (call.kind === 'create-vm') {
          process.holdLevelledVcpus()
          this.#saveState()
        }
        if (answer.finding !== undefined) this.#recorder.addFindings([answer.finding], false)
        this.#listener.resume(notification.id)
        return 'goes on'
      case 'refuse':
        this.#recorder.addFindings([answer.finding], true)
        this.#listener.answer(notification.id, EINVAL)
        return 'fails with EINVAL'
      case 'give-register-list':
        return this.#giveRegisterList(notification, decided)
      case 'intervene':
        return this.#intervene(notification, decided)
      default:
        return answer satisfies never
    }
  }

  #giveRegisterList({ id, tid }: Notification, { call, process }: Decided): string {
    if (call.kind !== 'get-reg-list') return 'goes on'
    const room = Buffer.alloc(KVM_REG_LIST.reg)
    const readable = readProcessMemory(tid, call.argument, room) === room.length
    const { memory, errno } = registerListAnswer(
      process.registerLists.get(call.fd) ?? [],
      room.readBigUInt64LE(),
    )
    // Whose memory this is must be certain before it is written to.
    if (!this.#listener.isValid(id)) return 'was interrupted'
    const written = readable && writeProcessMemory(tid, call.argument, memory) === memory.length
    const failure = written ? errno : 'EFAULT'
    this.#listener.answer(id, -BigInt(failure === undefined ? 0 : (errnoNumber(failure) ?? 0)))
    return failure === undefined ? 'returns the kept register list' : `fails with ${failure}`
  }

  #intervene(notification: Notification, decided: Decided): string {
    this.#memory.hold(decided.process.pid)
    try {
      return this.#stopAndMake(notification, decided)
    } finally {
      this.#memory.hold(0)
    }
  }

  #stopAndMake({ id, tid, args }: Notification, { call, process }: Decided): string {
    const start = performance.now()
    const stop = Tracee.stop(tid)
    this.#recorder.addStep('stop', (performance.now() - start) * 1000)
    switch (stop.kind) {
      case 'stopped':
        return this.#intervened(stop.tracee, args, { call, process })
      case 'signal-first':
        return 'was interrupted'
      case 'ended':
        return this.#lost('VmmExited', tid)
      case 'timeout':
        return this.#lost('StopTimedOut', tid)
      case 'not-traceable':
        if (stop.errno === ESRCH) return this.#lost('VmmExited', tid)
        return this.#notTraceable(id, stop.errno)
      default:
        return stop satisfies never
    }
  }

  #notTraceable(id: bigint, errno: number): string {
    const strict = this.#policy.enforcement === 'Strict'
    this.#recorder.addFindings([refusal({ reason: 'NotTraceable', limit: errnoName(errno) })], strict)
    if (strict) this.#listener.answer(id, EIO)
    else this.#listener.resume(id)
    return strict ? 'fails with EIO' : 'goes on'
  }

  #intervened(
    tracee: Tracee,
    args: readonly bigint[],
    { call, process }: Pick<Decided, 'call' | 'process'>,
  ): string {
    try {
      const result = this.#make(tracee, args, { call, process })
      this.#saveState()
      tracee.returnFromCall(result)
      return result < 0n ? `injected, fails with ${errnoName(Number(-result))}` : 'injected'
    } catch (error) {
      if (error instanceof TraceeLost)
        return this.#lost(error.why === 'ended' ? 'VmmExited' : 'StopTimedOut', tracee.tid)
      if (error instanceof SystemCallError && error.errno === ESRCH) {
        tracee.reap()
        return this.#lost('VmmExited', tracee.tid)
      }
      // It is stopped on borrowed registers and cannot go on; none of its VMs has run.
      killProcess(tracee.tid, SIGKILL)
      throw error
    }
  }

  #make(
    tracee: Tracee,
    args: readonly bigint[],
    { call, process }: Pick<Decided, 'call' | 'process'>,
  ): bigint {
    const context: InterventionContext = {
      tracee,
      process,
      policy: this.#policy,
      recorder: this.#recorder,
      resumeOwn: () => {
        this.#queue.resumeInjected(tracee.tid)
      },
    }
    switch (call.kind) {
      case 'create-vm':
        process.creators.add(tracee.tid)
        this.#recorder.addVm({ pid: process.pid, command: commandOfProcess(process.pid) })
        return createVm(context, args.slice(0, 3))
      case 'vcpu-init':
        this.#toVerify = true
        return initVcpu(context, call.fd, call.argument)
      case 'get-reg-list':
        return getRegisterList(context, call.fd, call.argument)
      case 'check-extension':
      case 'other':
        return EINVAL
      default:
        return call satisfies never
    }
  }

  #lost(reason: RefusalReason, tid: number): string {
    this.#recorder.addFindings([refusal({ reason, limit: `thread ${tid}` })], true)
    return reason === 'VmmExited' ? 'ended' : 'killed'
  }

  [Symbol.dispose](): void {
    for (const process of this.#processes.values()) process[Symbol.dispose]()
    this.#listener[Symbol.dispose]()
  }
}

type Decided = { readonly call: NotifiedCall; readonly process: LaunchProcess; readonly answer: Answer }
