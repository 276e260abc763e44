import { bindSystemCall } from '../libc.ffi.ts'

const POLLIN = 1
const POLLERR = 8
const EINTR = 4
const poll: (fds: Buffer, count: number, timeout: number) => number = bindSystemCall(
  'int poll(void *fds, unsigned long count, int timeout)',
)
const pollFd = Buffer.alloc(8)

/** What poll(2) says of an fd: `readable` first, `closed` when there is nothing more to come. */
export type Readiness = 'readable' | 'closed' | 'timeout'

/** Waits until `fd` is readable or closed; `timeout` in ms, -1 for ever. Blocks this thread; a signal does not end it. */
export const pollReadable = (fd: number, timeout: number): Readiness => {
  const deadline = performance.now() + timeout
  pollFd.writeInt32LE(fd, 0)
  pollFd.writeInt16LE(POLLIN, 4)
  for (;;) {
    pollFd.writeInt16LE(0, 6)
    const result = poll(pollFd, 1, timeout < 0 ? -1 : Math.max(0, Math.ceil(deadline - performance.now())))
    if (result === -EINTR) continue
    if (result === 0) return 'timeout'
    const events = result < 0 ? POLLERR : pollFd.readInt16LE(6)
    return (events & POLLIN) !== 0 ? 'readable' : 'closed'
  }
}
