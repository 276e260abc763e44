import { bindSystemCall } from '../libc.ffi.ts'

// include/uapi/asm-generic/fcntl.h. Owner and signal belong to the open file: all duplicates share them, whichever process has them.
const F_SETOWN = 8
const F_GETOWN = 9
const F_SETSIG = 10
const F_GETSIG = 11

const fcntl: (fd: number, command: number, argument: number) => number = bindSystemCall(
  'int fcntl(int fd, int command, int argument)',
)

/** Makes a process the owner of an open file: F_SETOWN, fcntl(2). 0, or -errno: ESRCH if there is no such process. */
export const setFileOwner = (fd: number, pid: number): number => fcntl(fd, F_SETOWN, pid)

/** The process that owns an open file; 0 if there is none, it has ended, or it has no pid in this namespace (f_getown, fs/fcntl.c). */
export const fileOwner = (fd: number): number => fcntl(fd, F_GETOWN, 0)

/** Sets the signal (1 to 64) of an open file: F_SETSIG, fcntl(2). 0, or -errno. */
export const setFileSignal = (fd: number, signal: number): number => fcntl(fd, F_SETSIG, signal)

/** The signal of an open file; 0 if nobody has set one. */
export const fileSignal = (fd: number): number => fcntl(fd, F_GETSIG, 0)
