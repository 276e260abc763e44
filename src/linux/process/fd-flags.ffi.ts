import { bindSystemCall } from '../libc.ffi.ts'

const F_SETFD = 2
const F_SETFL = 4
const fcntl: (fd: number, command: number, argument: number) => number = bindSystemCall(
  'int fcntl(int fd, int command, int argument)',
)

/** Clears close-on-exec, so that the fd survives execve(2). 0, or -errno. */
export const keepOverExec = (fd: number): number => fcntl(fd, F_SETFD, 0)

/** Sets the status flags (O_NONBLOCK, O_APPEND, ...) of open files by fd, for every process that shares one. A closed fd is skipped. */
export const setFileFlags = (flagsByFd: ReadonlyMap<number, number>): void => {
  for (const [fd, flags] of flagsByFd) fcntl(fd, F_SETFL, flags)
}
