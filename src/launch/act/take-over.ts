import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { AARCH64_SYSCALLS } from '../../linux/abi/aarch64-syscalls.ts'
import { PidFd } from '../../linux/process/pidfd.ffi.ts'
import { ptraceInterrupt, ptraceSeize } from '../../linux/ptrace/ptrace.ffi.ts'
import { NotificationListener } from '../../linux/seccomp/notification-listener.ffi.ts'
import type { ProcessState } from '../launch-state.ts'
import { threadsOf } from './process-facts.ts'

const LISTENER_LINK = 'anon_inode:seccomp notify'

const text = (read: () => string): string => {
  try {
    return read()
  } catch {
    // The process or thread has gone.
    return ''
  }
}

/** The fds of a process that are listeners of seccomp filters, whoever's. */
export const listenersIn = (pid: number): number[] => {
  try {
    const fds = readdirSync(`/proc/${pid}/fd`).map(Number)
    return fds.filter((fd) => text(() => readlinkSync(`/proc/${pid}/fd/${fd}`)) === LISTENER_LINK)
  } catch {
    return []
  }
}

/** The listener of a supervisor that died; or nobody has it any more; or a process has it, and it is not ours to take. */
export type Inheritance =
  | { readonly kind: 'inherited'; readonly listener: NotificationListener }
  | { readonly kind: 'gone' }
  | { readonly kind: 'refused'; readonly errno: number }

/** A duplicate of a process's fd. */
export const duplicateOf = (pid: number, fd: number): number => {
  const process = PidFd.open(pid)
  if (typeof process === 'number') return process
  using held = process
  return held.getFd(fd)
}

/** The listener is where it is known to be; or, where its supervisor died as it put it there, it is whichever is there. */
const listenerIn = ({ pid, listenerFd }: ProcessState): Inheritance => {
  const number = listenersIn(pid).find((fd) => listenerFd === undefined || fd === listenerFd)
  if (number === undefined) return { kind: 'gone' }
  const fd = duplicateOf(pid, number)
  if (fd >= 0) return { kind: 'inherited', listener: new NotificationListener(fd) }
  return listenersIn(pid).includes(number) ? { kind: 'refused', errno: -fd } : { kind: 'gone' }
}

/** The listener of a supervisor that died, from a VMM that it was put into. */
export const inheritListener = (processes: readonly ProcessState[]): Inheritance => {
  let none: Inheritance = { kind: 'gone' }
  for (const process of processes) {
    const found = listenerIn(process)
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

/**
 * Makes every call that waits in these processes notify again: a call that a dead supervisor received and did not answer would wait
 * forever. The threads that are now interrupted, once each; they go on when they are let go at their stop. Without EXITKILL: should we
 * die too, they go on.
 */
export const interruptWaitingCalls = (processes: readonly Pick<ProcessState, 'pid'>[]): number[] =>
  processes
    .flatMap(({ pid }) => threadsOf(pid).filter((tid) => mayWait(pid, tid)))
    .filter((tid) => ptraceSeize(tid, 0) === 0 && ptraceInterrupt(tid) === 0)

/** Whether there is such a process, and it is no zombie. */
export const isAlive = (pid: number): boolean =>
  /^State:\s*[^ZX\s]/m.test(text(() => readFileSync(`/proc/${pid}/status`, 'utf8')))
