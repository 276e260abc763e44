import { setTimeout as sleep } from 'node:timers/promises'
import { ERRNO } from '../abi/errno.ts'
import { bindBackgroundCall, bindSystemCall } from '../libc.ffi.ts'
import { sleepMicroseconds } from './sleep.ffi.ts'

const POLLIN = 1
const POLL = 'int poll(void *fds, unsigned long count, int timeout)'
const poll: (fds: Buffer, count: number, timeout: number) => number = bindSystemCall(POLL)
const pollInBackground: (fds: Buffer, count: number, timeout: number) => Promise<number> =
  bindBackgroundCall(POLL)
// struct pollfd {int fd; short events; short revents}.
const POLL_FD = { size: 8, events: 4, revents: 6 } as const

/** What poll(2) says of an fd: `readable` first, `closed` when there is nothing more to come. */
export type Readiness = 'readable' | 'closed' | 'timeout'

const readinessOf = (revents: number): Readiness => {
  if (revents === 0) return 'timeout'
  return (revents & POLLIN) !== 0 ? 'readable' : 'closed'
}

const pollEntries = (fds: readonly number[]): Buffer => {
  const entries = Buffer.alloc(POLL_FD.size * fds.length)
  for (const [index, fd] of fds.entries()) {
    entries.writeInt32LE(fd, POLL_FD.size * index)
    entries.writeInt16LE(POLLIN, POLL_FD.size * index + POLL_FD.events)
  }
  return entries
}

/** How long to wait if poll(2) itself fails. */
const AFTER_FAILURE_US = 20_000

/** Polls each fd by a call of its own, which needs no memory of the kernel, and waits a little if none is ready. */
const pollEach = (fds: readonly number[], timeout: number): Readiness[] => {
  const each = fds.length === 1 ? ['timeout' as const] : fds.map((fd) => pollReadable(fd, 0))
  if (timeout !== 0 && each.every((readiness) => readiness === 'timeout')) sleepMicroseconds(AFTER_FAILURE_US)
  return each
}

/**
 * Waits until one of the fds is readable or closed, and returns the state of each, in their order. `timeout` in ms, -1 waits forever.
 * Blocks this thread; a signal does not end it. If poll(2) fails (ENOMEM, or EINVAL: more fds than RLIMIT_NOFILE), no fd counts as
 * closed, and it may return early.
 */
export const pollAll = (fds: readonly number[], timeout: number): Readiness[] => {
  const deadline = performance.now() + timeout
  const entries = pollEntries(fds)
  for (;;) {
    const left = timeout < 0 ? -1 : Math.max(0, Math.ceil(deadline - performance.now()))
    const result = poll(entries, fds.length, left)
    if (result === -ERRNO.EINTR) continue
    if (result < 0) return pollEach(fds, timeout)
    return fds.map((_, index) => readinessOf(entries.readInt16LE(POLL_FD.size * index + POLL_FD.revents)))
  }
}

/** {@link pollAll} of one fd. */
export const pollReadable = (fd: number, timeout: number): Readiness => pollAll([fd], timeout)[0] ?? 'timeout'

/**
 * Resolves when one of the fds is readable or closed, or `timeout` ms have passed (-1: never). Another thread waits, so this one is free.
 * It may resolve early.
 */
export const untilReadable = async (fds: readonly number[], timeout: number): Promise<void> => {
  const entries = pollEntries(fds)
  const result = await pollInBackground(entries, fds.length, timeout)
  // A signal to that thread, or ENOMEM: the caller looks again, and must not do so without end.
  if (result < 0) await sleep(AFTER_FAILURE_US / 1000)
}
