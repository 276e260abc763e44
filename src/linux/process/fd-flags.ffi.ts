import { bindSystemCall } from '../libc.ffi.ts'

const F_SETFD = 2
const F_SETFL = 4
const fcntl: (fd: number, command: number, argument: number) => number = bindSystemCall(
  'int fcntl(int fd, int command, int argument)',
)

/** Lets an fd outlive execve(2). 0, or -errno. */
export const keepOverExec = (fd: number): number => fcntl(fd, F_SETFD, 0)

/** Sets the status flags (O_NONBLOCK, O_APPEND, ...) of open files by fd, which all who share a file have. One that is closed is left. */
export const setFileFlags = (flagsByFd: ReadonlyMap<number, number>): void => {
  for (const [fd, flags] of flagsByFd) fcntl(fd, F_SETFL, flags)
}
