import { bindSystemCall } from '../libc.ffi.ts'

// include/uapi/asm-generic/fcntl.h
const LOCK_EX = 2
const LOCK_NB = 4
const LOCK_UN = 8

const flock: (fd: number, operation: number) => number = bindSystemCall('int flock(int fd, int operation)')

/** Locks an open file or folder until all its duplicates are closed, flock(2). 0, or -errno: EAGAIN if somebody else has locked it. */
export const lockNow = (fd: number): number => flock(fd, LOCK_EX | LOCK_NB)

/** Lets go of a lock. 0, or -errno. */
export const unlock = (fd: number): number => flock(fd, LOCK_UN)
