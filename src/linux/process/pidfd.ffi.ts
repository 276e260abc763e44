import { AARCH64_SYSCALLS } from '../abi/aarch64-syscalls.ts'
import { bindSystemCall } from '../libc.ffi.ts'
import { closeFd } from './close.ffi.ts'

/** include/uapi/linux/pidfd.h. Linux 6.9; before it the flag is EINVAL. */
const PIDFD_THREAD = 0o200

const syscall: (nr: number, a: number, b: number, c: number) => number = bindSystemCall(
  'long syscall(long nr, long a, long b, long c)',
)

/** Holds a process or thread, so that no other one can get its number. */
export class PidFd {
  readonly fd: number

  private constructor(fd: number) {
    this.fd = fd
  }

  static #of(id: number, flags: number): PidFd | number {
    const fd = syscall(AARCH64_SYSCALLS.pidfd_open, id, flags, 0)
    return fd < 0 ? fd : new PidFd(fd)
  }

  /** pidfd_open(2); -errno if there is no such process. */
  static open(pid: number): PidFd | number {
    return PidFd.#of(pid, 0)
  }

  /** pidfd_open(2) of a thread; -errno, EINVAL before Linux 6.9. */
  static openThread(tid: number): PidFd | number {
    return PidFd.#of(tid, PIDFD_THREAD)
  }

  /** pidfd_getfd(2): a duplicate of the fd in its table, close-on-exec; or -errno: EPERM if we may not trace it. */
  getFd(fd: number): number {
    return syscall(AARCH64_SYSCALLS.pidfd_getfd, this.fd, fd, 0)
  }

  [Symbol.dispose](): void {
    closeFd(this.fd)
  }
}
