import { ERRNO } from '../../linux/abi/errno.ts'
import { ptraceDetach, ptraceInterrupt, ptraceSeize } from '../../linux/ptrace/ptrace.ffi.ts'
import { stopEvent } from '../../linux/ptrace/wait-status.ts'
import { pollWaitStatus } from '../../linux/ptrace/wait.ffi.ts'
import { tracerOf } from './process-facts.ts'

/**
 * Interrupts a thread, without EXITKILL: should we die too, it goes on. `traced`: by another, or not ours to trace, which may end. `gone`
 * also where another session of ours has it: its call notifies again anyway.
 */
const interrupt = (tid: number): 'interrupted' | 'traced' | 'gone' => {
  const result = ptraceSeize(tid, 0)
  if (result === -ERRNO.ESRCH) return 'gone'
  if (result < 0) return tracerOf(tid) === process.pid ? 'gone' : 'traced'
  return ptraceInterrupt(tid) < 0 ? 'gone' : 'interrupted'
}

/**
 * Lets an interrupted thread go at its stop, with the signal that came first if one did; false if it has neither stopped nor ended yet.
 */
const letGoAtStop = (tid: number): boolean => {
  const status = pollWaitStatus(tid)
  if (status === undefined) return false
  const event = status < 0 ? { kind: 'ended' as const } : stopEvent(status)
  if (event.kind !== 'ended') ptraceDetach(tid, event.kind === 'signal-stop' ? event.signal : 0)
  return true
}

/** What is done to a thread. */
type OnThread = { readonly interrupt: typeof interrupt; readonly letGo: (tid: number) => boolean }

/** A thread that waits in a call which a supervisor that has ended may have received, and whether it does so yet. */
export type WaitingThread = { readonly tid: number; readonly isWaiting: () => boolean }

/** Threads that are interrupted once, so that their calls notify again, and let go at their stop. */
export class InterruptedThreads {
  readonly #interrupted: Set<number>
  /** Not to be interrupted yet, and not forgotten: their calls would wait for ever. */
  #traced: readonly WaitingThread[]
  readonly #on: OnThread

  /** `interrupted` are so already. */
  constructor(
    interrupted: readonly number[] = [],
    waiting: readonly WaitingThread[] = [],
    on: OnThread = { interrupt, letGo: letGoAtStop },
  ) {
    this.#interrupted = new Set(interrupted)
    this.#on = on
    this.#traced = waiting
    this.#interruptAll()
  }

  #interruptAll(): void {
    this.#traced = this.#traced.filter(({ tid, isWaiting }) => {
      if (!isWaiting()) return false
      const came = this.#on.interrupt(tid)
      if (came === 'interrupted') this.#interrupted.add(tid)
      return came === 'traced'
    })
  }

  /** Whether one has yet to be let go. */
  get areLeft(): boolean {
    return this.#interrupted.size > 0 || this.#traced.length > 0
  }

  /** A thread has made a call that notified: it need not be interrupted any more. */
  notified(tid: number): void {
    if (this.#traced.length > 0) this.#traced = this.#traced.filter((one) => one.tid !== tid)
  }

  /** Whether a thread is interrupted: what it has notified is withdrawn. */
  has(tid: number): boolean {
    return this.#interrupted.has(tid)
  }

  /** Those that have yet to be let go. */
  get tids(): readonly number[] {
    return [...this.#interrupted]
  }

  /** Lets go of those that have stopped since; whether there was one. */
  advance(): boolean {
    this.#interruptAll()
    const before = this.#interrupted.size
    for (const tid of this.#interrupted) if (this.#on.letGo(tid)) this.#interrupted.delete(tid)
    return this.#interrupted.size < before
  }
}
