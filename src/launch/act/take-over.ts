import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { AARCH64_SYSCALLS } from '../../linux/abi/aarch64-syscalls.ts'
import { PidFd } from '../../linux/process/pidfd.ffi.ts'
import { ptraceDetach, ptraceInterrupt, ptraceSeize } from '../../linux/ptrace/ptrace.ffi.ts'
import { NotificationListener } from '../../linux/seccomp/notification-listener.ffi.ts'
import type { ProcessState } from '../launch-state.ts'
import { waitForStop } from './wait-for-stop.ts'

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

/** The listener of a supervisor that died, from a VMM that it was put into; undefined where none of them is left. */
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
 * A call that a dead supervisor received and did not answer would wait for ever: its thread is interrupted once, and makes it anew.
 * Without EXITKILL: should we die too, it goes on.
 */
const kick = (tid: number): void => {
  if (ptraceSeize(tid, 0) < 0) return
  ptraceInterrupt(tid)
  const event = waitForStop(tid)
  if (event.kind === 'ended' || event.kind === 'timeout') return
  ptraceDetach(tid, event.kind === 'signal-stop' ? event.signal : 0)
}

/** Makes every call that waits in these processes notify again. */
export const renewWaitingCalls = (processes: readonly ProcessState[]): void => {
  for (const { pid } of processes) for (const tid of threadsOf(pid)) if (mayWait(pid, tid)) kick(tid)
}

/** Whether there is such a process, and it is no zombie. */
export const isAlive = (pid: number): boolean =>
  /^State:\s*[^ZX\s]/m.test(text(() => readFileSync(`/proc/${pid}/status`, 'utf8')))
