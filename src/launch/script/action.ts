import type { CallSituation } from '../decide/call-situation.ts'
import type { VcpuState } from '../decide/vcpu-state.ts'
import type { LaunchFact } from '../record/launch-fact.ts'

/**
 * What a script asks for, in order. Plain data: a script is pure, whoever runs it acts and returns the result ({@link ResultOf}).
 * `look`, `call`, `run`, `write-code`, `let-be` and `let-go` are of a thread that was stopped; `call`, `run` and `write-code` only once
 * it is bound.
 */
export type Action =
  /** The call returns `value` (negative: -errno), and never happens. */
  | { readonly do: 'answer'; readonly value: bigint }
  /** The call goes on as if there were no filter. */
  | { readonly do: 'resume' }
  /** Whether the call still waits: whose memory it is must be certain before it is written to. */
  | { readonly do: 'ask-waiting' }
  /** What decides of the call on which the thread is stopped: it is the one that was notified, whatever signals came. */
  | { readonly do: 'look' }
  /** Whether a marked vCPU of the memory has entered the guest by now. */
  | { readonly do: 'ask-run' }
  /** Keeps for a successor what was noted so far. */
  | { readonly do: 'save' }
  /** Marks the call's vCPU, with a canary where it had no mark. `label`: its VM gets this label. */
  | { readonly do: 'mark'; readonly state: VcpuState; readonly label?: number }
  /** Stops the thread at the `svc` of its call. Should the supervisor die, it goes on as it was. */
  | { readonly do: 'stop' }
  /** Binds the life of the stopped thread to the supervisor's: its registers can be borrowed now. */
  | { readonly do: 'bind' }
  /** Lets the stopped thread go as it was: its call notifies again. */
  | { readonly do: 'let-be' }
  /** Makes a system call in the thread. `notified`: the filter will notify it, and it is let pass. */
  | {
      readonly do: 'call'
      readonly number: number
      readonly args: readonly (number | bigint)[]
      readonly notified?: true
    }
  /** Runs code in the thread until the breakpoint at `end`, with x19 and x20 set. */
  | {
      readonly do: 'run'
      readonly address: bigint
      readonly end: bigint
      readonly x19: bigint
      readonly x20: bigint
    }
  | { readonly do: 'read'; readonly address: bigint; readonly length: number }
  | { readonly do: 'write'; readonly address: bigint; readonly bytes: Buffer }
  /** Writes code, where the VMM's own pages are not writable. */
  | { readonly do: 'write-code'; readonly address: bigint; readonly words: readonly bigint[] }
  /** Lets the thread go as if its call had returned `value`. */
  | { readonly do: 'let-go'; readonly value: bigint }
  /** Something to be remembered of the launch. */
  | { readonly do: 'note'; readonly fact: LaunchFact }
  /** What comes now is this step, for the record's times. */
  | { readonly do: 'begin'; readonly step: string }

/** What came of stopping a thread that waits in a notified call. */
export type StopOutcome =
  /** `traps`: it may be stopped by SIGTRAP, after one instruction or at a breakpoint. */
  | { readonly kind: 'stopped'; readonly traps: boolean }
  /** It is not in its call: a signal came first. It was let go, and the call notifies again after the handler. */
  | { readonly kind: 'signal-first' }
  | { readonly kind: 'not-traceable'; readonly errno: number }
  /** That it is held could not be kept for a successor; the reason is noted. */
  | { readonly kind: 'not-kept' }

type Results = {
  readonly answer: undefined
  readonly resume: undefined
  readonly 'ask-waiting': boolean
  readonly look: CallSituation
  readonly 'ask-run': boolean
  /** False if it could not be saved; the reason is noted. */
  readonly save: boolean
  /** False where it has none, or cannot be reached. */
  readonly mark: boolean
  readonly stop: StopOutcome
  readonly bind: undefined
  readonly 'let-be': undefined
  /** Negative: -errno. */
  readonly call: bigint
  /** False if it faulted on the way. */
  readonly run: boolean
  /** Undefined where it is not all readable. */
  readonly read: Buffer | undefined
  /** False if it is not all writable. */
  readonly write: boolean
  readonly 'write-code': boolean
  readonly 'let-go': undefined
  readonly note: undefined
  readonly begin: undefined
}

/** What an action gives back. */
export type ResultOf<A extends Action> = Results[A['do']]

/**
 * A pure state machine: it yields actions, receives the result of each, and ends with a `T`. Its runner drops it if the thread is lost.
 */
export type Script<T> = Generator<Action, T, ResultOf<Action>>

/** One action of a script. */
export function* ask<A extends Action>(action: A): Script<ResultOf<A>> {
  return (yield action) as ResultOf<A>
}

/** Lets what follows be a step of the record. */
export function* begin(step: string): Script<void> {
  yield { do: 'begin', step }
}

/** Lets something be remembered. */
export function* note(fact: LaunchFact): Script<void> {
  yield { do: 'note', fact }
}
