import { bindSystemCall } from '../libc.ffi.ts'

const F_DUPFD_CLOEXEC = 1030
const fcntl: (fd: number, command: number, argument: number) => number = bindSystemCall(
  'int fcntl(int fd, int command, int argument)',
)

/** Another fd of the same open file, close-on-exec: F_DUPFD_CLOEXEC, fcntl(2). -errno: EMFILE if this process has too many. */
export const duplicateFd = (fd: number): number => fcntl(fd, F_DUPFD_CLOEXEC, 0)
