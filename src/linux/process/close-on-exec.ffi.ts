import { bindSystemCall } from '../libc.ffi.ts'

const F_SETFD = 2
const fcntl: (fd: number, command: number, argument: number) => number = bindSystemCall(
  'int fcntl(int fd, int command, int argument)',
)

/** Lets an fd outlive execve(2). 0, or -errno. */
export const keepOverExec = (fd: number): number => fcntl(fd, F_SETFD, 0)
