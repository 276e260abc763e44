import { AARCH64_SYSCALLS } from '../abi/aarch64-syscalls.ts'
import { ERRNO } from '../abi/errno.ts'
import { bindSystemCall } from '../libc.ffi.ts'

// include/uapi/linux/kcmp.h
const KCMP_FILE = 0
const KCMP_VM = 1
const KCMP_FILES = 2
const syscall = bindSystemCall('long syscall(long nr, long a, long b, long c, long d, long e)')

/** An fd of a process. */
export type ProcessFd = { readonly pid: number; readonly fd: number }

/** Whether two fds are one open file: kcmp(2). False if the kernel does not say (that needs CONFIG_KCMP and the right to trace). */
export const isSameFile = (a: ProcessFd, b: ProcessFd): boolean =>
  syscall(AARCH64_SYSCALLS.kcmp, a.pid, b.pid, KCMP_FILE, a.fd, b.fd) === 0

/** Whether two threads share something; `gone`: one of them has ended; `untold`: no CONFIG_KCMP, or no right to look. */
export type Sharing = 'shared' | 'separate' | 'gone' | 'untold'

const compare = (a: number, b: number, what: number): Sharing => {
  const result = syscall(AARCH64_SYSCALLS.kcmp, a, b, what, 0, 0)
  if (result === 0) return 'shared'
  if (result > 0) return 'separate'
  return result === -ERRNO.ESRCH ? 'gone' : 'untold'
}

/** Whether two threads have one memory: kcmp(2). */
export const compareMemory = (a: number, b: number): Sharing => compare(a, b, KCMP_VM)

/** Whether two threads have one table of files: kcmp(2). */
export const compareFiles = (a: number, b: number): Sharing => compare(a, b, KCMP_FILES)
