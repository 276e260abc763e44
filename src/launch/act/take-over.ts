import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { AARCH64_SYSCALLS } from '../../linux/abi/aarch64-syscalls.ts'
import { PidFd } from '../../linux/process/pidfd.ffi.ts'
import { ptraceInterrupt, ptraceSeize } from '../../linux/ptrace/ptrace.ffi.ts'
import { NotificationListener } from '../../linux/seccomp/notification-listener.ffi.ts'
import type { ProcessState } from '../launch-state.ts'

const LISTENER_LINK = 'anon_inode:seccomp notify'

const text = (read: () => string): string => {
  try {
    return read()
  } catch {
    // The process or thread has gone.
    return ''
  }
}

const isListener = (pid: number, fd: number): boolean =>
  text(() => readlinkSync(`/proc/${pid}/fd/${fd}`)) === LISTENER_LINK

/** The fds of a process that can be the listener: the one that is known, or where its supervisor died as it put it there, each. */
const candidates = ({ pid, listenerFd }: ProcessState): readonly number[] => {
  if (listenerFd !== undefined) return [listenerFd]
  try {
    return readdirSync(`/proc/${pid}/fd`).map(Number)
  } catch {
    return []
  }
}

const listenerIn = (state: ProcessState): NotificationListener | undefined => {
  const number = candidates(state).find((fd) => isListener(state.pid, fd))
  const process = number === undefined ? -1 : PidFd.open(state.pid)
  if (number === undefined || typeof process === 'number') return undefined
  using held = process
  const fd = held.getFd(number)
  return fd < 0 ? undefined : new NotificationListener(fd)
}

/** The listener of a supervisor that died, from a VMM that it was put into; undefined if none of them is left. */
export const inheritListener = (processes: readonly ProcessState[]): NotificationListener | undefined => {
  for (const process of processes) {
    const listener = listenerIn(process)
    if (listener !== undefined) return listener
  }
  return undefined
}

const threadsOf = (pid: number): number[] => {
  try {
    return readdirSync(`/proc/${pid}/task`).map(Number)
  } catch {
    return []
  }
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
export const interruptWaitingCalls = (processes: readonly ProcessState[]): number[] =>
  processes
    .flatMap(({ pid }) => threadsOf(pid).filter((tid) => mayWait(pid, tid)))
    .filter((tid) => ptraceSeize(tid, 0) === 0 && ptraceInterrupt(tid) === 0)

/** Whether there is such a process, and it is no zombie. */
export const isAlive = (pid: number): boolean =>
  /^State:\s*[^ZX\s]/m.test(text(() => readFileSync(`/proc/${pid}/status`, 'utf8')))
