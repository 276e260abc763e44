import { bindSystemCall } from '../libc.ffi.ts'

const F_SETFL = 4
const fcntl: (fd: number, command: number, argument: number) => number = bindSystemCall(
  'int fcntl(int fd, int command, int argument)',
)

/** Sets the status flags (O_NONBLOCK, O_APPEND, ...) of open files by fd, which all who share a file have. One that is closed is left. */
export const setFileFlags = (flagsByFd: ReadonlyMap<number, number>): void => {
  for (const [fd, flags] of flagsByFd) fcntl(fd, F_SETFL, flags)
}
