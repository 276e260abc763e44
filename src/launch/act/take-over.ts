import { readdirSync, readFileSync } from 'node:fs'
import { AARCH64_SYSCALLS } from '../../linux/abi/aarch64-syscalls.ts'
import { NotificationListener } from '../../linux/seccomp/notification-listener.ffi.ts'
import type { ProcessState } from '../launch-state.ts'
import type { WaitingThread } from './interrupted-threads.ts'
import { linkOfFd, liveThreadsOf, threadsOf } from './process-facts.ts'
import { duplicateOf, type ThreadOfProcess } from './process-tables.ts'

const LISTENER_LINK = 'anon_inode:seccomp notify'

const text = (read: () => string): string => {
  try {
    return read()
  } catch {
    // The process or thread has gone.
    return ''
  }
}

const isListener = (tid: number, fd: number): boolean => linkOfFd(tid, fd) === LISTENER_LINK

/** The fds in a thread's table that are listeners of seccomp filters, whoever's. */
export const listenersIn = (tid: number): number[] => {
  try {
    const fds = readdirSync(`/proc/${tid}/fd`).map(Number)
    return fds.filter((fd) => isListener(tid, fd))
  } catch {
    return []
  }
}

/** The listener of a supervisor that died; or nobody has it any more; or a process has it, and it is not ours to take. */
export type Inheritance =
  | { readonly kind: 'inherited'; readonly listener: NotificationListener }
  | { readonly kind: 'gone' }
  | { readonly kind: 'refused'; readonly errno: number }

/**
 * The listener is where it is known to be; or, where its supervisor died as it put it there, it is whichever is there. It is in the
 * table of the thread that called: the first thread of the process may have ended, or have another table.
 */
const listenerIn = (thread: ThreadOfProcess, listenerFd: number | undefined): Inheritance => {
  const { tid } = thread
  const number = listenersIn(tid).find((fd) => listenerFd === undefined || fd === listenerFd)
  if (number === undefined) return { kind: 'gone' }
  const fd = duplicateOf(thread, number)
  if (fd >= 0) return { kind: 'inherited', listener: new NotificationListener(fd) }
  return isListener(tid, number) ? { kind: 'refused', errno: -fd } : { kind: 'gone' }
}

/** The listener of a supervisor that died, from a VMM that it was put into. */
export const inheritListener = (
  processes: readonly Pick<ProcessState, 'pid' | 'listenerFd'>[],
): Inheritance => {
  let none: Inheritance = { kind: 'gone' }
  for (const { pid, listenerFd } of processes)
    for (const tid of liveThreadsOf(pid)) {
      const found = listenerIn({ tid, pid }, listenerFd)
      if (found.kind === 'inherited') return found
      if (found.kind === 'refused') none = found
    }
  return none
}

/** In ioctl(2), and as far as the kernel says where, in the wait for a seccomp listener. */
const mayWait = (pid: number, tid: number): boolean => {
  const [call] = text(() => readFileSync(`/proc/${pid}/task/${tid}/syscall`, 'utf8')).split(' ')
  if (call !== String(AARCH64_SYSCALLS.ioctl)) return false
  const where = text(() => readFileSync(`/proc/${pid}/task/${tid}/wchan`, 'utf8'))
  return where === '' || where === '0' || where.includes('seccomp')
}

/** The threads of these processes that may wait in a call which a dead supervisor received and did not answer: it would wait for ever. */
export const waitingThreads = (processes: readonly Pick<ProcessState, 'pid'>[]): WaitingThread[] =>
  processes.flatMap(({ pid }) =>
    threadsOf(pid).map((tid) => ({ tid, isWaiting: (): boolean => mayWait(pid, tid) })),
  )
