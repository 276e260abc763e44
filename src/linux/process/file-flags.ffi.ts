import { bindSystemCall } from '../libc.ffi.ts'

const F_SETFL = 4
const fcntl: (fd: number, command: number, argument: number) => number = bindSystemCall(
  'int fcntl(int fd, int command, int argument)',
)

/** Sets an open file's status flags (O_NONBLOCK, O_APPEND, ...), which all who share it have. 0, or -errno. */
export const setFileFlags = (fd: number, flags: number): number => fcntl(fd, F_SETFL, flags)
