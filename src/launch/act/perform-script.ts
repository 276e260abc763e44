import { negativeErrno } from '../../linux/errno.ts'
import { readProcessMemory, writeProcessMemory } from '../../linux/process/process-memory.ffi.ts'
import type { Notification, NotificationListener } from '../../linux/seccomp/notification-listener.ffi.ts'
import type { CallSituation } from '../decide/call-situation.ts'
import type { LaunchFact } from '../record/launch-fact.ts'
import type { Action, ResultOf, Script, StopOutcome } from '../script/action.ts'
import type { CallVcpus } from './call-vcpus.ts'
import { Tracee, type ThreadWork } from './tracee.ts'

/** Who is told of a script's facts and steps, and keeps what is known before its thread goes on. */
export type ScriptAudience = {
  readonly note: (fact: LaunchFact) => void
  readonly begin: (step: string) => void
  /** What decides of its call. */
  readonly look: () => CallSituation
  /** Its thread is about to be seized: the process may die with us from then on. False if that could not be kept. */
  readonly hold: () => boolean
  /** Its thread is on borrowed registers from here on. */
  readonly bound: () => void
  /** Keeps what is known; false if it could not be kept. */
  readonly save: () => boolean
}

/** The vCPUs that a script asks of. */
export type ScriptVcpus = Pick<CallVcpus, 'mayHaveRun' | 'mark'>

/** The waiting call that a script serves. */
export type PerformedCall = {
  readonly listener: NotificationListener
  readonly notification: Notification
  readonly audience: ScriptAudience
  readonly vcpus: ScriptVcpus
  /** Whether the call goes on where a step fails that never should: BestEffort. */
  readonly goesOn: boolean
}

/** An action that needs no stop of the thread, and none to come. */
type InstantAction = Exclude<
  Action,
  { readonly do: 'stop' | 'bind' | 'let-be' | 'call' | 'run' | 'write-code' | 'let-go' }
>
type TraceeAction = Exclude<Action, InstantAction>

const readMemory = (tid: number, address: bigint, length: number): Buffer | undefined => {
  const into = Buffer.alloc(length)
  return readProcessMemory(tid, address, into) === length ? into : undefined
}

/** What is asked or told beside the thread. */
type BesideAction = Extract<
  InstantAction,
  { readonly do: 'look' | 'ask-run' | 'mark' | 'save' | 'note' | 'begin' }
>

const isBeside = (action: InstantAction): action is BesideAction =>
  ['look', 'ask-run', 'mark', 'save', 'note', 'begin'].includes(action.do)

const performBeside = (action: BesideAction, { audience, vcpus }: PerformedCall): ResultOf<BesideAction> => {
  switch (action.do) {
    case 'look':
      return audience.look()
    case 'ask-run':
      return vcpus.mayHaveRun()
    case 'mark':
      return vcpus.mark(action.state, action.label)
    case 'save':
      return audience.save()
    case 'note':
      audience.note(action.fact)
      return undefined
    case 'begin':
      audience.begin(action.step)
      return undefined
    default:
      return action satisfies never
  }
}

const performOnCall = (
  action: Exclude<InstantAction, BesideAction>,
  { listener, notification: { id, tid } }: PerformedCall,
): ResultOf<InstantAction> => {
  switch (action.do) {
    case 'answer':
      listener.answer(id, action.value)
      return undefined
    case 'resume':
      listener.resume(id)
      return undefined
    case 'ask-waiting':
      return listener.isValid(id)
    case 'read':
      return readMemory(tid, action.address, action.length)
    case 'write':
      return writeProcessMemory(tid, action.address, action.bytes) === action.bytes.length
    default:
      return action satisfies never
  }
}

const performInstant = (action: InstantAction, call: PerformedCall): ResultOf<InstantAction> =>
  isBeside(action) ? performBeside(action, call) : performOnCall(action, call)

function* performTraced(
  action: Exclude<TraceeAction, { readonly do: 'stop' }>,
  tracee: Tracee,
): ThreadWork<ResultOf<TraceeAction>> {
  switch (action.do) {
    case 'bind':
      tracee.bind()
      return undefined
    case 'let-be':
      tracee.letBe()
      return undefined
    case 'call':
      return yield* tracee.call(action.number, action.args, action.notified === true)
    case 'run':
      return yield* tracee.run(action.address, action.end, [action.x19, action.x20])
    case 'write-code':
      return action.words.every((word, index) => tracee.poke(action.address + BigInt(8 * index), word))
    case 'let-go':
      tracee.returnFromCall(action.value)
      return undefined
    default:
      return action satisfies never
  }
}

const isTraced = (
  action: TraceeAction | InstantAction,
): action is Exclude<TraceeAction, { readonly do: 'stop' }> =>
  ['bind', 'let-be', 'call', 'run', 'write-code', 'let-go'].includes(action.do)

const EIO = negativeErrno('EIO')

/** A step failed while the thread was in its call as it was; the call has failed with EIO, or under BestEffort goes on. */
export class UntouchedError extends Error {}

/** The thread of a script: waiting in its call, stopped as it was, or on borrowed registers. */
class ScriptThread {
  readonly #call: PerformedCall
  #tracee: Tracee | undefined
  #isStopping = false
  #isBound = false

  constructor(call: PerformedCall) {
    this.#call = call
  }

  *perform(action: Action): ThreadWork<ResultOf<Action>> {
    if (action.do === 'stop') return yield* this.#stop()
    if (!isTraced(action)) return performInstant(action, this.#call)
    if (this.#tracee === undefined) throw new Error(`a script asks for ${action.do} before stop`)
    if (action.do === 'bind') {
      this.#isBound = true
      this.#call.audience.bound()
    }
    return yield* performTraced(action, this.#tracee)
  }

  /** Ends the call after a failed step, where the thread is as it was: with EIO, or under BestEffort it goes on. False elsewhere. */
  giveUp(): boolean {
    if (this.#isStopping || this.#isBound) return false
    const { listener, notification, goesOn } = this.#call
    if (this.#tracee !== undefined) this.#tracee.returnFromCall(EIO)
    else if (goesOn) listener.resume(notification.id)
    else listener.answer(notification.id, EIO)
    return true
  }

  *#stop(): ThreadWork<StopOutcome> {
    if (!this.#call.audience.hold()) return { kind: 'not-kept' }
    this.#isStopping = true
    const stopping = yield* Tracee.stop(this.#call.notification)
    this.#isStopping = false
    if (stopping.kind !== 'stopped') return stopping
    this.#tracee = stopping.tracee
    return { kind: 'stopped', traps: stopping.tracee.traps }
  }
}

function* perform<T>(script: Script<T>, thread: ScriptThread): ThreadWork<T> {
  let next = script.next()
  while (next.done !== true) next = script.next(yield* thread.perform(next.value))
  return next.value
}

/**
 * Does what a script asks for, and yields where its thread has to stop first: the script's result. Throws SystemCallError: ESRCH if the
 * thread was killed; UntouchedError.
 */
export function* performScript<T>(script: Script<T>, call: PerformedCall): ThreadWork<T> {
  const thread = new ScriptThread(call)
  try {
    return yield* perform(script, thread)
  } catch (error) {
    if (!thread.giveUp()) throw error
    throw new UntouchedError(String(error), { cause: error })
  }
}
