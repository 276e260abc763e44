import { AARCH64_SYSCALLS } from '../abi/aarch64-syscalls.ts'
import type { BpfInstruction } from '../abi/bpf.ts'
import { SECCOMP_FILTER_FLAG_NEW_LISTENER, SECCOMP_SET_MODE_FILTER } from '../abi/seccomp.ts'
import { bindSystemCall } from '../libc.ffi.ts'
import { sockFprog } from './sock-fprog.ts'

const syscall: (nr: number, operation: number, flags: number, program: Buffer) => number = bindSystemCall(
  'long syscall(long nr, unsigned long operation, unsigned long flags, void *program)',
)

/**
 * seccomp(2) with a listener, for this thread and the threads that it starts from now on. Returns the listener's fd (close-on-exec),
 * or -errno: EBUSY if a filter of this thread has a listener already, EACCES without no_new_privs. WAIT_KILLABLE_RECV is
 * not set: with it an interrupted call could not be taken up again.
 */
export const installFilter = (program: readonly BpfInstruction[]): number =>
  syscall(
    AARCH64_SYSCALLS.seccomp,
    SECCOMP_SET_MODE_FILTER,
    SECCOMP_FILTER_FLAG_NEW_LISTENER,
    sockFprog(program),
  )
