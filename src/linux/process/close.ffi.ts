import { bindSystemCall } from '../libc.ffi.ts'

/** close(2). 0, or -errno; the fd is gone either way. */
export const closeFd: (fd: number) => number = bindSystemCall('int close(int fd)')
