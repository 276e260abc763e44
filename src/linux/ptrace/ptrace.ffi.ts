import { AARCH64_SYSCALLS } from '../abi/aarch64-syscalls.ts'
import { addressOf } from '../ioctl.ffi.ts'
import { bindSystemCall } from '../libc.ffi.ts'

// include/uapi/linux/ptrace.h. Requests count only from the thread that attached.
const PTRACE_PEEKDATA = 2
const PTRACE_POKEDATA = 5
const PTRACE_CONT = 7
const PTRACE_SINGLESTEP = 9
const PTRACE_SYSCALL = 24
const PTRACE_DETACH = 17
const PTRACE_SETOPTIONS = 0x4200
const PTRACE_GETSIGINFO = 0x4202
const PTRACE_GETREGSET = 0x4204
const PTRACE_SETREGSET = 0x4205
const PTRACE_SEIZE = 0x4206
const PTRACE_INTERRUPT = 0x4207
const PTRACE_GETSIGMASK = 0x420a
const PTRACE_SETSIGMASK = 0x420b
const NT_PRSTATUS = 1
const SIGSET_SIZE = 8

export const PTRACE_O_TRACESYSGOOD = 1
export const PTRACE_O_EXITKILL = 0x10_0000

const ptrace: (request: number, tid: number, address: number | bigint, data: number | bigint) => number =
  bindSystemCall('long ptrace(int request, int tid, uintptr_t address, uintptr_t data)')

// struct iovec {base, length}, each of a word: writev(2).
const iovecWords = new BigUint64Array(2)
const iovecAddress = addressOf(Buffer.from(iovecWords.buffer))

const registers = (request: number, tid: number, bytes: Buffer): number => {
  iovecWords[0] = addressOf(bytes)
  iovecWords[1] = BigInt(bytes.length)
  return ptrace(request, tid, NT_PRSTATUS, iovecAddress)
}

/** Attaches to a thread without stopping it. 0, or -errno: EPERM if it is traced already or we may not trace it, ESRCH. */
export const ptraceSeize = (tid: number, options: number): number => ptrace(PTRACE_SEIZE, tid, 0, options)

/** Sets the options of a stopped thread, in place of those it was seized with. */
export const ptraceSetOptions = (tid: number, options: number): number =>
  ptrace(PTRACE_SETOPTIONS, tid, 0, options)

/** Stops a seized thread; waitpid tells when it has. */
export const ptraceInterrupt = (tid: number): number => ptrace(PTRACE_INTERRUPT, tid, 0, 0)

/** Reads the general registers of a stopped thread into `bytes`. */
export const ptraceGetRegisters = (tid: number, bytes: Buffer): number =>
  registers(PTRACE_GETREGSET, tid, bytes)

/** Writes the general registers of a stopped thread from `bytes`. */
export const ptraceSetRegisters = (tid: number, bytes: Buffer): number =>
  registers(PTRACE_SETREGSET, tid, bytes)

/** Reads the signal mask of a stopped thread into eight bytes. */
export const ptraceGetSignalMask = (tid: number, mask: Buffer): number =>
  ptrace(PTRACE_GETSIGMASK, tid, SIGSET_SIZE, addressOf(mask))

const signalInfo = Buffer.alloc(128)

/** si_code of the signal that a thread stopped for, sigaction(2): above 0 if the kernel made it. -errno if there is no signal. */
export const ptraceSignalCode = (tid: number): number => {
  const result = ptrace(PTRACE_GETSIGINFO, tid, 0, addressOf(signalInfo))
  return result < 0 ? result : signalInfo.readInt32LE(8)
}

/** Sets the signal mask of a stopped thread; SIGKILL and SIGSTOP cannot be blocked. */
export const ptraceSetSignalMask = (tid: number, mask: Buffer): number =>
  ptrace(PTRACE_SETSIGMASK, tid, SIGSET_SIZE, addressOf(mask))

/** Resumes a stopped thread up to its next entry to or exit from a system call, with `signal` delivered (0: none). */
export const ptraceSyscall = (tid: number, signal: number): number => ptrace(PTRACE_SYSCALL, tid, 0, signal)

/** Resumes a stopped thread for one instruction, with `signal` delivered (0: none): it stops by SIGTRAP, after a whole system call. */
export const ptraceStep = (tid: number, signal: number): number => ptrace(PTRACE_SINGLESTEP, tid, 0, signal)

/** Resumes a stopped thread up to its next signal or event, with `signal` delivered (0: none). */
export const ptraceContinue = (tid: number, signal: number): number => ptrace(PTRACE_CONT, tid, 0, signal)

// libc's ptrace(3) returns the word that it has read, which may look like an errno; the system call stores the word.
const syscall = bindSystemCall('long syscall(long nr, long request, long tid, uintptr_t address, void *into)')

const peeked = Buffer.alloc(8)

/** Reads an instruction of a stopped thread, even where its own process may not read its code but only execute it; -errno. */
export const ptracePeekInstruction = (tid: number, address: bigint): number => {
  // Eight bytes of one page.
  const aligned = address & ~7n
  const result = syscall(AARCH64_SYSCALLS.ptrace, PTRACE_PEEKDATA, tid, aligned, peeked)
  return result < 0 ? result : peeked.readUInt32LE(Number(address - aligned))
}

/** Writes eight bytes to a stopped thread's memory, even where its own process may not write; caches are kept coherent. */
export const ptracePoke = (tid: number, address: bigint, word: bigint): number =>
  ptrace(PTRACE_POKEDATA, tid, address, word)

/** Detaches from a stopped thread, with `signal` delivered (0: none). */
export const ptraceDetach = (tid: number, signal: number): number => ptrace(PTRACE_DETACH, tid, 0, signal)
