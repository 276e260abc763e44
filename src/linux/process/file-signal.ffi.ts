import { bindSystemCall } from '../libc.ffi.ts'

// include/uapi/asm-generic/fcntl.h
const F_SETSIG = 10
const F_GETSIG = 11
const fcntl: (fd: number, command: number, argument: number) => number = bindSystemCall(
  'int fcntl(int fd, int command, int argument)',
)

/**
 * The signal that SIGIO of an open file is replaced by, fcntl(2): a number that every duplicate of the file has, and that ends with
 * the file. 0 if nobody has set one; -errno.
 */
export const fileSignal = (fd: number): number => fcntl(fd, F_GETSIG, 0)

/** Sets it, 0 to 64. 0, or -errno. */
export const setFileSignal = (fd: number, signal: number): number => fcntl(fd, F_SETSIG, signal)
