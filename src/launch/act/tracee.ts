import { AARCH64_SYSCALLS, isSvc } from '../../linux/abi/aarch64-syscalls.ts'
import { UserRegisters } from '../../linux/abi/user-pt-regs.ts'
import { negativeErrno, SystemCallError } from '../../linux/errno.ts'
import { killProcess } from '../../linux/process/kill.ffi.ts'
import {
  PTRACE_O_EXITKILL,
  PTRACE_O_TRACESYSGOOD,
  ptraceContinue,
  ptraceDetach,
  ptraceGetRegisters,
  ptraceGetSignalMask,
  ptraceInterrupt,
  ptracePeekInstruction,
  ptracePoke,
  ptraceSeize,
  ptraceSetOptions,
  ptraceSetRegisters,
  ptraceSetSignalMask,
  ptraceSignalCode,
  ptraceStep,
  ptraceSyscall,
} from '../../linux/ptrace/ptrace.ffi.ts'
import { ignoresSignal } from './process-facts.ts'
import type { Notification } from '../../linux/seccomp/notification-listener.ffi.ts'
import type { StopEvent } from '../../linux/ptrace/wait-status.ts'
import type { StopOutcome } from '../script/action.ts'

const SIGSTOP = 19
const SIGTRAP = 5
const SIGBUS = 7
const SIGILL = 4
const SIGSEGV = 11
/** Signals that the running code itself can cause. */
const SYNCHRONOUS = new Set([SIGTRAP, SIGILL, SIGBUS, SIGSEGV])
const ALL_SIGNALS = Buffer.alloc(8, 0xff)
const ALL_BUT_SIGTRAP = Buffer.from(ALL_SIGNALS)
ALL_BUT_SIGTRAP.writeUInt8(0xff & ~(1 << (SIGTRAP - 1)), 0)
const SVC_SIZE = 4n
const IOCTL_ARGS = 3

/** si_code of a SIGTRAP after a single step: include/uapi/asm-generic/siginfo.h. */
const TRAP_TRACE = 2
const EINTR = negativeErrno('EINTR')

/**
 * What a call that was interrupted before it was made has in x0 at its exit: ERESTARTSYS to ERESTART_RESTARTBLOCK,
 * include/linux/errno.h.
 */
const isRestart = (result: bigint): boolean => result <= -512n && result >= -516n

/** How a stopped thread goes on: to its next system call, by one instruction, or to its next signal. */
type Resumption = { readonly name: string; readonly request: (tid: number, signal: number) => number }

const TO_SYSCALL: Resumption = { name: 'ptrace PTRACE_SYSCALL', request: ptraceSyscall }
const STEP: Resumption = { name: 'ptrace PTRACE_SINGLESTEP', request: ptraceStep }
const CONTINUE: Resumption = { name: 'ptrace PTRACE_CONT', request: ptraceContinue }

/**
 * What is expected of a thread: its next stop, or that the filter has notified the call it was told to make, and the call was let pass.
 */
export type Expected = 'stop' | 'notification'

/** What happened to a thread. That it has ended, or does not stop in time, is not told here: whoever runs its work drops it. */
export type ThreadEvent = Exclude<StopEvent, { readonly kind: 'ended' }> | { readonly kind: 'notified' }

/** Something that is done to a thread: it yields what it expects of the thread, and goes on with what happened. */
export type ThreadWork<T> = Generator<Expected, T, ThreadEvent>

/** A thread that was stopped in its call, or why not. */
export type Stopping =
  | { readonly kind: 'stopped'; readonly tracee: Tracee }
  | Exclude<StopOutcome, { readonly kind: 'stopped' | 'not-kept' }>

const check = (what: string, result: number): number => {
  if (result < 0) throw new SystemCallError(what, -result)
  return result
}

type StoppedThread = {
  readonly tid: number
  readonly saved: UserRegisters
  readonly mask: Buffer
  readonly traps: boolean
}

/**
 * A thread of the VMM, stopped at the `svc` of its notified call with every signal blocked but what stops it, in which calls can be
 * made once it is bound. It must be let go by {@link letBe}, or once it is bound by {@link returnFromCall}.
 */
export class Tracee {
  readonly tid: number
  /** Whether it may be stopped by SIGTRAP: after a single instruction, or at a breakpoint. */
  readonly traps: boolean
  readonly #saved: UserRegisters
  readonly #mask: Buffer
  readonly #working = new UserRegisters()
  #heldSignals: number[] = []

  private constructor({ tid, saved, mask, traps }: StoppedThread) {
    this.tid = tid
    this.traps = traps
    this.#saved = saved
    this.#mask = mask
  }

  /**
   * Stops a thread that waits in a notified ioctl. The interrupt cancels its notification, and a signal that comes from then on waits
   * until the thread is let go (get_signal, kernel/signal.c, 6.12: a trap comes before a signal). Should this process die, it makes its
   * call again.
   */
  static *stop({ tid, args }: Pick<Notification, 'tid' | 'args'>): ThreadWork<Stopping> {
    const seized = ptraceSeize(tid, PTRACE_O_TRACESYSGOOD)
    if (seized < 0) return { kind: 'not-traceable', errno: -seized }
    ptraceInterrupt(tid)
    const event = yield 'stop'
    if (event.kind === 'interrupt-stop') return Tracee.#atSvc(tid, args)
    check('ptrace PTRACE_DETACH', ptraceDetach(tid, event.kind === 'signal-stop' ? event.signal : 0))
    return { kind: 'signal-first' }
  }

  static #atSvc(tid: number, args: readonly bigint[]): Stopping {
    const saved = new UserRegisters()
    const mask = Buffer.alloc(8)
    const isAtCall =
      ptraceGetRegisters(tid, saved.bytes) === 0 &&
      saved.isCall(AARCH64_SYSCALLS.ioctl, args.slice(0, IOCTL_ARGS)) &&
      isSvc(ptracePeekInstruction(tid, saved.pc))
    if (!isAtCall || ptraceGetSignalMask(tid, mask) < 0) {
      check('ptrace PTRACE_DETACH', ptraceDetach(tid, 0))
      return { kind: 'signal-first' }
    }
    // A trap of a process that ignores SIGTRAP, or blocks it, would give it the default action for good.
    const traps = !ignoresSignal(tid, SIGTRAP)
    return { kind: 'stopped', tracee: new Tracee({ tid, saved, mask, traps }) }
  }

  /** Borrows its registers and signal mask: should this process die from now on, the VMM dies with it (EXITKILL). */
  bind(): void {
    check('ptrace PTRACE_SETOPTIONS', ptraceSetOptions(this.tid, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL))
    check(
      'ptrace PTRACE_SETSIGMASK',
      ptraceSetSignalMask(this.tid, this.traps ? ALL_BUT_SIGTRAP : ALL_SIGNALS),
    )
  }

  /** Lets the thread go as it was stopped: it makes its call again. Not once it is bound. */
  letBe(): void {
    check('ptrace PTRACE_DETACH', ptraceDetach(this.tid, 0))
  }

  /** Makes a system call in the thread: its result, negative: -errno. `notified`: the filter will notify it. */
  *call(number: number, args: readonly (number | bigint)[], notified: boolean): ThreadWork<bigint> {
    for (;;) {
      this.#working.copyFrom(this.#saved)
      this.#working.setCall(this.#saved.pc, number, args)
      check('ptrace PTRACE_SETREGSET', ptraceSetRegisters(this.tid, this.#working.bytes))
      if (this.traps && !notified) return yield* this.#step()
      yield* this.#toSyscallStop('stop')
      yield* this.#toSyscallStop(notified ? 'notification' : 'stop')
      check('ptrace PTRACE_GETREGSET', ptraceGetRegisters(this.tid, this.#working.bytes))
      // A stop of the process (SIGSTOP) interrupted it before it was made: the kernel would begin it anew.
      if (!isRestart(this.#working.x0)) return this.#working.x0
    }
  }

  /** Executes the `svc` with one stop where PTRACE_SYSCALL has two; a notified call must be known to have been entered. */
  *#step(): ThreadWork<bigint> {
    this.#resume(STEP)
    return yield* this.#await(STEP, (event) =>
      event.kind === 'signal-stop' && event.signal === SIGTRAP ? this.#stepped() : undefined,
    )
  }

  /** The call's result; EINTR if it was interrupted and would begin anew; undefined if the SIGTRAP is another's. */
  #stepped(): bigint | undefined {
    check('ptrace PTRACE_GETREGSET', ptraceGetRegisters(this.tid, this.#working.bytes))
    if (this.#working.pc !== this.#saved.pc) return this.#working.x0
    return ptraceSignalCode(this.tid) === TRAP_TRACE ? EINTR : undefined
  }

  /**
   * Runs the code at `address` with x19 and x20 set until it stops at the breakpoint at `end`; only where it `traps`: a blocked SIGTRAP
   * would cost the VMM its handler (force_sig_info_to_task, kernel/signal.c, 6.12). False if it faulted.
   */
  *run(address: bigint, end: bigint, [x19, x20]: readonly [bigint, bigint]): ThreadWork<boolean> {
    this.#working.copyFrom(this.#saved)
    this.#working.setJump(address, x19, x20)
    check('ptrace PTRACE_SETREGSET', ptraceSetRegisters(this.tid, this.#working.bytes))
    this.#resume(CONTINUE)
    return yield* this.#await(CONTINUE, (event) =>
      event.kind === 'signal-stop' ? this.#atBreakpoint(event.signal, end) : undefined,
    )
  }

  /** Writes eight bytes of code, where the VMM's pages are not writable. */
  poke(address: bigint, word: bigint): boolean {
    return ptracePoke(this.tid, address, word) >= 0
  }

  /** Lets the thread go as if its notified call had returned `result`. */
  returnFromCall(result: bigint): void {
    this.#working.copyFrom(this.#saved)
    this.#working.x0 = result
    this.#working.pc = this.#saved.pc + SVC_SIZE
    this.#detach(this.#working)
  }

  #detach(registers: UserRegisters): void {
    check('ptrace PTRACE_SETREGSET', ptraceSetRegisters(this.tid, registers.bytes))
    check('ptrace PTRACE_SETSIGMASK', ptraceSetSignalMask(this.tid, this.#mask))
    check('ptrace PTRACE_DETACH', ptraceDetach(this.tid, 0))
    for (const signal of this.#heldSignals) killProcess(this.tid, signal)
    this.#heldSignals = []
  }

  /** At the breakpoint (true), at a fault of the code (false), or on the way with a signal for later (undefined). */
  #atBreakpoint(signal: number, end: bigint): boolean | undefined {
    if (!SYNCHRONOUS.has(signal)) return undefined
    check('ptrace PTRACE_GETREGSET', ptraceGetRegisters(this.tid, this.#working.bytes))
    if (this.#working.pc === end) return true
    return signal === SIGTRAP ? undefined : false
  }

  *#toSyscallStop(from: Expected): ThreadWork<void> {
    this.#resume(TO_SYSCALL)
    yield* this.#await(TO_SYSCALL, ({ kind }) => (kind === 'syscall-stop' ? true : undefined), from)
  }

  #resume({ name, request }: Resumption, signal = 0): void {
    check(name, request(this.tid, signal))
  }

  /**
   * What can come though all is blocked. SIGSTOP stops the process, and this thread once it is let go: where SIGCONT comes first, it does
   * not. A SIGTRAP of another's is held back until then.
   */
  #passedOn(signal: number): number {
    if (signal === SIGSTOP) return signal
    this.#heldSignals.push(signal)
    return 0
  }

  /** Goes on to the stop to which `answer` has one; from any other the thread goes on by `resumption`. */
  *#await<T>(
    resumption: Resumption,
    answer: (event: ThreadEvent) => T | undefined,
    from: Expected = 'stop',
  ): ThreadWork<T> {
    for (let expected = from; ;) {
      const event = yield expected
      if (event.kind === 'notified') {
        expected = 'stop'
        continue
      }
      const answered = answer(event)
      if (answered !== undefined) return answered
      this.#resume(resumption, event.kind === 'signal-stop' ? this.#passedOn(event.signal) : 0)
    }
  }
}
