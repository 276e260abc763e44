import { negativeErrno } from '../../linux/errno.ts'
import { readProcessMemory, writeProcessMemory } from '../../linux/process/process-memory.ffi.ts'
import type { Notification, NotificationListener } from '../../linux/seccomp/notification-listener.ffi.ts'
import type { LaunchFact } from '../record/launch-fact.ts'
import type { Action, ResultOf, Script, StopOutcome } from '../script/action.ts'
import { Tracee, type ThreadWork } from './tracee.ts'

/** Who is told of a script's facts and steps, and keeps what is known before its thread goes on. */
export type ScriptAudience = {
  readonly note: (fact: LaunchFact) => void
  readonly begin: (step: string) => void
  /** Its thread is about to be seized: from then on the process dies with us. */
  readonly hold: () => void
  readonly save: () => void
}

/** The waiting call that a script serves. */
export type PerformedCall = {
  readonly listener: NotificationListener
  readonly notification: Notification
  readonly audience: ScriptAudience
}

/** An action that needs no stop of the thread, and none to come. */
type InstantAction = Exclude<Action, { readonly do: 'stop' | 'call' | 'run' | 'write-code' | 'let-go' }>
type TraceeAction = Exclude<Action, InstantAction>

const readMemory = (tid: number, address: bigint, length: number): Buffer | undefined => {
  const into = Buffer.alloc(length)
  return readProcessMemory(tid, address, into) === length ? into : undefined
}

const performInstant = (
  action: InstantAction,
  { listener, notification: { id, tid }, audience }: PerformedCall,
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

function* performTraced(
  action: Exclude<TraceeAction, { readonly do: 'stop' }>,
  tracee: Tracee,
  { audience }: PerformedCall,
): ThreadWork<ResultOf<TraceeAction>> {
  switch (action.do) {
    case 'call':
      return yield* tracee.call(action.number, action.args, action.notified === true)
    case 'run':
      return yield* tracee.run(action.address, action.end, [action.x19, action.x20])
    case 'write-code':
      return action.words.every((word, index) => tracee.poke(action.address + BigInt(8 * index), word))
    case 'let-go':
      audience.save()
      tracee.returnFromCall(action.value)
      return undefined
    default:
      return action satisfies never
  }
}

const isTraced = (
  action: TraceeAction | InstantAction,
): action is Exclude<TraceeAction, { readonly do: 'stop' }> =>
  ['call', 'run', 'write-code', 'let-go'].includes(action.do)

const EIO = negativeErrno('EIO')

/** A step failed while the thread waited in its call as it was; the call has failed with EIO, and its process goes on. */
export class UntouchedError extends Error {}

/** The thread of a script, once it was stopped. */
class ScriptThread {
  readonly #call: PerformedCall
  #tracee: Tracee | undefined
  /** Whether it may be stopped by us, or run on borrowed registers. */
  isTouched = false

  constructor(call: PerformedCall) {
    this.#call = call
  }

  *perform(action: Action): ThreadWork<ResultOf<Action>> {
    if (action.do === 'stop') return yield* this.#stop()
    if (!isTraced(action)) return performInstant(action, this.#call)
    if (this.#tracee === undefined) throw new Error(`a script asks for ${action.do} before stop`)
    return yield* performTraced(action, this.#tracee, this.#call)
  }

  *#stop(): ThreadWork<StopOutcome> {
    this.#call.audience.hold()
    this.isTouched = true
    const stopping = yield* Tracee.stop(this.#call.notification.tid)
    this.isTouched = stopping.kind === 'stopped'
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
    if (thread.isTouched) throw error
    call.listener.answer(call.notification.id, EIO)
    throw new UntouchedError(String(error), { cause: error })
  }
}
