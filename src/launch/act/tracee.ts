import { AARCH64_SYSCALLS, SVC_0 } from '../../linux/abi/aarch64-syscalls.ts'
import { UserRegisters } from '../../linux/abi/user-pt-regs.ts'
import { errnoNumber, SystemCallError } from '../../linux/errno.ts'
import { killProcess } from '../../linux/process/kill.ffi.ts'
import { readProcessMemory, writeProcessMemory } from '../../linux/process/process-memory.ffi.ts'
import {
  PTRACE_O_EXITKILL,
  PTRACE_O_TRACESYSGOOD,
  ptraceContinue,
  ptraceDetach,
  ptraceGetRegisters,
  ptraceGetSignalMask,
  ptraceInterrupt,
  ptracePoke,
  ptraceSeize,
  ptraceSetRegisters,
  ptraceSetSignalMask,
  ptraceSignalCode,
  ptraceStep,
  ptraceSyscall,
} from '../../linux/ptrace/ptrace.ffi.ts'
import { ignoresSignal } from './process-facts.ts'
import { waitForStop, type StopResult } from './wait-for-stop.ts'

const SIGKILL = 9
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

/** si_code of a SIGTRAP after a single step: include/uapi/asm-generic/siginfo.h. */
const TRAP_TRACE = 2
const EINTR = -BigInt(errnoNumber('EINTR') ?? 4)

/** How a stopped thread goes on: to its next system call, by one instruction, or to its next signal. */
type Resumption = { readonly name: string; readonly request: (tid: number, signal: number) => number }

const TO_SYSCALL: Resumption = { name: 'ptrace PTRACE_SYSCALL', request: ptraceSyscall }
const STEP: Resumption = { name: 'ptrace PTRACE_SINGLESTEP', request: ptraceStep }
const CONTINUE: Resumption = { name: 'ptrace PTRACE_CONT', request: ptraceContinue }

/** A stop of a thread that is still there. */
type Stop = Exclude<StopResult, { readonly kind: 'ended' | 'timeout' }>

/** What came of stopping a thread that waits in a notified call. */
export type StopOutcome =
  | { readonly kind: 'stopped'; readonly tracee: Tracee }
  /** A signal came first: it was let go, and the call notifies again after the handler. */
  | { readonly kind: 'signal-first' }
  | { readonly kind: 'ended' }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'not-traceable'; readonly errno: number }

/** Thrown where a tracee is lost in the middle: it ended, or did not stop in time and was killed. */
export class TraceeLost extends Error {
  override readonly name = 'TraceeLost'
  readonly why: 'ended' | 'timeout'

  constructor(why: 'ended' | 'timeout') {
    super(`the traced thread is lost: ${why}`)
    this.why = why
  }
}

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
 * A thread of the VMM, stopped at the `svc` of its notified call with every signal blocked but what stops it, in which calls can be made. It must
 * be let go by {@link returnFromCall} or {@link release}. Should this process die before, the VMM dies with it (EXITKILL).
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

  /** Stops a thread that waits in a notified ioctl. The interrupt cancels its notification. */
  static stop(tid: number): StopOutcome {
    const seized = ptraceSeize(tid, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL)
    if (seized < 0) return { kind: 'not-traceable', errno: -seized }
    ptraceInterrupt(tid)
    const event = waitForStop(tid)
    switch (event.kind) {
      case 'interrupt-stop':
        return Tracee.#atSvc(tid)
      case 'signal-stop':
        ptraceDetach(tid, event.signal)
        return { kind: 'signal-first' }
      case 'syscall-stop':
        ptraceDetach(tid, 0)
        return { kind: 'signal-first' }
      case 'ended':
        return { kind: 'ended' }
      case 'timeout':
        // Only its death lets go of a thread that does not stop; none of its VMs has run, or it would not be traced.
        killProcess(tid, SIGKILL)
        return { kind: 'timeout' }
      default:
        return event satisfies never
    }
  }

  /** A stopped thread refuses only when it was killed: its parent sees its end once we have. */
  static #killed(tid: number): StopOutcome {
    waitForStop(tid)
    return { kind: 'ended' }
  }

  static #atSvc(tid: number): StopOutcome {
    const saved = new UserRegisters()
    const word = Buffer.alloc(Number(SVC_SIZE))
    const mask = Buffer.alloc(8)
    const isAtCall =
      ptraceGetRegisters(tid, saved.bytes) === 0 &&
      saved.x8 === BigInt(AARCH64_SYSCALLS.ioctl) &&
      readProcessMemory(tid, saved.pc, word) === word.length &&
      word.readUInt32LE(0) === SVC_0
    if (!isAtCall || ptraceGetSignalMask(tid, mask) < 0) {
      return ptraceDetach(tid, 0) < 0 ? Tracee.#killed(tid) : { kind: 'signal-first' }
    }
    // A trap of a process that ignores SIGTRAP, or blocks it, would give it the default action for good.
    const traps = !ignoresSignal(tid, SIGTRAP)
    if (ptraceSetSignalMask(tid, traps ? ALL_BUT_SIGTRAP : ALL_SIGNALS) < 0) return Tracee.#killed(tid)
    return { kind: 'stopped', tracee: new Tracee({ tid, saved, mask, traps }) }
  }

  /**
   * Makes a system call in the thread: its result, negative: -errno. `whileEntering` is called when the thread has
   * entered the call: a notified one waits there until it is answered. Throws {@link TraceeLost}.
   */
  call(number: number, args: readonly (number | bigint)[], whileEntering?: () => void): bigint {
    this.#working.copyFrom(this.#saved)
    this.#working.setCall(this.#saved.pc, number, args)
    check('ptrace PTRACE_SETREGSET', ptraceSetRegisters(this.tid, this.#working.bytes))
    if (this.traps && whileEntering === undefined) return this.#step()
    this.#toSyscallStop()
    this.#resume(TO_SYSCALL)
    whileEntering?.()
    this.#awaitSyscallStop()
    check('ptrace PTRACE_GETREGSET', ptraceGetRegisters(this.tid, this.#working.bytes))
    return this.#working.x0
  }

  /** Executes the `svc` with one stop where PTRACE_SYSCALL has two; a notified call must be known to have been entered. */
  #step(): bigint {
    this.#resume(STEP)
    return this.#await(STEP, (event) =>
      event.kind === 'signal-stop' && event.signal === SIGTRAP ? this.#stepped() : undefined,
    )
  }

  /** The call's result; EINTR where it was interrupted and would begin anew; undefined where the SIGTRAP is another's. */
  #stepped(): bigint | undefined {
    check('ptrace PTRACE_GETREGSET', ptraceGetRegisters(this.tid, this.#working.bytes))
    if (this.#working.pc !== this.#saved.pc) return this.#working.x0
    return ptraceSignalCode(this.tid) === TRAP_TRACE ? EINTR : undefined
  }

  /**
   * Runs the code at `address` with x19 and x20 set until it stops at the breakpoint at `end`; only where it `traps`: a blocked SIGTRAP
   * would cost the VMM its handler (force_sig_info_to_task, kernel/signal.c, 6.12). False where it faulted; throws {@link TraceeLost}.
   */
  run(address: bigint, end: bigint, [x19, x20]: readonly [bigint, bigint]): boolean {
    this.#working.copyFrom(this.#saved)
    this.#working.setJump(address, x19, x20)
    check('ptrace PTRACE_SETREGSET', ptraceSetRegisters(this.tid, this.#working.bytes))
    this.#resume(CONTINUE)
    return this.#awaitBreakpoint(end)
  }

  /** Writes eight bytes of code, where the VMM's pages are not writable. */
  poke(address: bigint, word: bigint): boolean {
    return ptracePoke(this.tid, address, word) >= 0
  }

  /** Reads the VMM's memory; undefined where it is not all readable. */
  read(address: bigint, length: number): Buffer | undefined {
    const into = Buffer.alloc(length)
    return readProcessMemory(this.tid, address, into) === length ? into : undefined
  }

  /** Writes the VMM's memory; false where it is not all writable. */
  write(address: bigint, from: Buffer): boolean {
    return writeProcessMemory(this.tid, address, from) === from.length
  }

  /** Lets the thread go as if its notified call had returned `result`. */
  returnFromCall(result: bigint): void {
    this.#working.copyFrom(this.#saved)
    this.#working.x0 = result
    this.#working.pc = this.#saved.pc + SVC_SIZE
    this.#detach(this.#working)
  }

  /** Sees the end of a thread that was killed: before that its parent does not. */
  reap(): void {
    waitForStop(this.tid)
  }

  /** Lets the thread go as it was: its call begins anew. */
  release(): void {
    this.#detach(this.#saved)
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

  #awaitBreakpoint(end: bigint): boolean {
    return this.#await(CONTINUE, (event) =>
      event.kind === 'signal-stop' ? this.#atBreakpoint(event.signal, end) : undefined,
    )
  }

  #toSyscallStop(): void {
    this.#resume(TO_SYSCALL)
    this.#awaitSyscallStop()
  }

  #awaitSyscallStop(): void {
    this.#await(TO_SYSCALL, ({ kind }) => (kind === 'syscall-stop' ? true : undefined))
  }

  #resume({ name, request }: Resumption): void {
    check(name, request(this.tid, 0))
  }

  /** Waits for the stop to which `answer` has one; from any other the thread goes on by `resumption`. Throws {@link TraceeLost}. */
  #await<T>(resumption: Resumption, answer: (event: Stop) => T | undefined): T {
    for (;;) {
      const event: StopResult = waitForStop(this.tid)
      if (event.kind === 'ended') throw new TraceeLost('ended')
      if (event.kind === 'timeout') {
        killProcess(this.tid, SIGKILL)
        throw new TraceeLost('timeout')
      }
      const answered = answer(event)
      if (answered !== undefined) return answered
      // It takes effect once the thread is let go: what can come though all is blocked is SIGSTOP, or a SIGTRAP of another's.
      if (event.kind === 'signal-stop') this.#heldSignals.push(event.signal)
      this.#resume(resumption)
    }
  }
}
