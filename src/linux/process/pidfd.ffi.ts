import { AARCH64_SYSCALLS } from '../abi/aarch64-syscalls.ts'
import { bindSystemCall } from '../libc.ffi.ts'
import { closeFd } from './close.ffi.ts'

const syscall: (nr: number, a: number, b: number, c: number) => number = bindSystemCall(
  'long syscall(long nr, long a, long b, long c)',
)

/** A process, held so that its pid cannot become another's. */
export class PidFd {
  readonly fd: number

  private constructor(fd: number) {
    this.fd = fd
  }

  /** pidfd_open(2); -errno where there is no such process. */
  static open(pid: number): PidFd | number {
    const fd = syscall(AARCH64_SYSCALLS.pidfd_open, pid, 0, 0)
    return fd < 0 ? fd : new PidFd(fd)
  }

  /** pidfd_getfd(2): a duplicate of the process's fd, close-on-exec; -errno, EPERM if it is not ours to trace. */
  getFd(fd: number): number {
    return syscall(AARCH64_SYSCALLS.pidfd_getfd, this.fd, fd, 0)
  }

  [Symbol.dispose](): void {
    closeFd(this.fd)
  }
}
