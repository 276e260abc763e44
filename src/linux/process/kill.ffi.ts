import { bindSystemCall } from '../libc.ffi.ts'

/** kill(2). 0, or -errno. */
export const killProcess: (pid: number, signal: number) => number = bindSystemCall(
  'int kill(int pid, int signal)',
)
