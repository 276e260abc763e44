import { bindSystemCall } from '../libc.ffi.ts'

const WNOHANG = 1
// Threads that are not children, too: include/uapi/linux/wait.h.
const WALL = 0x4000_0000

const waitpid: (tid: number, status: Buffer, options: number) => number = bindSystemCall(
  'int waitpid(int tid, void *status, int options)',
)
const status = Buffer.alloc(4)

/** The wait status of a traced thread that has changed state since the last time; undefined if it has not; -errno. */
export const pollWaitStatus = (tid: number): number | undefined => {
  const result = waitpid(tid, status, WNOHANG | WALL)
  if (result < 0) return result
  return result === tid ? status.readInt32LE(0) : undefined
}
