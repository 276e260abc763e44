import { AARCH64_SYSCALLS } from '../abi/aarch64-syscalls.ts'
import { bindSystemCall } from '../libc.ffi.ts'

const KCMP_FILE = 0
const syscall = bindSystemCall('long syscall(long nr, long a, long b, long c, long d, long e)')

/** An fd of a process. */
export type ProcessFd = { readonly pid: number; readonly fd: number }

/** Whether two fds are one open file: kcmp(2). False if it could not be told (needs CONFIG_KCMP and the right to trace). */
export const isSameFile = (a: ProcessFd, b: ProcessFd): boolean =>
  syscall(AARCH64_SYSCALLS.kcmp, a.pid, b.pid, KCMP_FILE, a.fd, b.fd) === 0
