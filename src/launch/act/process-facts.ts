import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { AARCH64_SYSCALLS } from '../../linux/abi/aarch64-syscalls.ts'
import { hasBit } from '../../arm64/bits.ts'

const read = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    // The thread has gone.
    return undefined
  }
}

/** The process of a thread: its pid; undefined if the thread has gone. */
export const processOfThread = (tid: number): number | undefined => {
  const pid = /^Tgid:\s*(\d+)$/m.exec(read(`/proc/${tid}/status`) ?? '')?.[1]
  return pid === undefined ? undefined : Number(pid)
}

/** Whether this is a thread of the process, and there is such a process. */
export const isThreadOf = (pid: number, tid: number): boolean => existsSync(`/proc/${pid}/task/${tid}`)

/** The process that traces a thread: TracerPid, proc_pid_status(5). 0 if none does. */
export const tracerOf = (tid: number): number =>
  Number(/^TracerPid:\s*(\d+)$/m.exec(read(`/proc/${tid}/status`) ?? '')?.[1] ?? 0)

/** Whether a process ignores a signal: SigIgn, proc_pid_status(5). True if nobody can tell. */
export const ignoresSignal = (tid: number, signal: number): boolean => {
  const ignored = /^SigIgn:\s*([0-9a-f]+)$/m.exec(read(`/proc/${tid}/status`) ?? '')?.[1]
  return ignored === undefined || hasBit(BigInt(`0x${ignored}`), signal - 1)
}

/**
 * Whether a thread does not stop because it waits for a CPU, or in the kernel for something else (R, D: proc_pid_stat(5)). One whose
 * cgroup is frozen sleeps.
 */
export const isHeldUp = (tid: number): boolean => /^\d+ \(.*\) [RD] /s.test(read(`/proc/${tid}/stat`) ?? '')

/** Whether a thread has ended and is still listed, as the first of a process that goes on: it has no files and no memory any more. */
export const isZombie = (tid: number): boolean => /^\d+ \(.*\) [ZX] /s.test(read(`/proc/${tid}/stat`) ?? '')

/** Whether a thread sleeps in ioctl(2) with these arguments: /proc/TID/syscall, proc(5). */
export const isInIoctl = (tid: number, args: readonly bigint[]): boolean => {
  const [call, ...words] = (read(`/proc/${tid}/syscall`) ?? '').split(' ')
  return (
    call === String(AARCH64_SYSCALLS.ioctl) && [0, 1, 2].every((at) => BigInt(words[at] ?? 0) === args[at])
  )
}

/** The command line of a process, for people. */
export const commandOfProcess = (pid: number): string =>
  (read(`/proc/${pid}/cmdline`) ?? '').replaceAll('\0', ' ').trim().slice(0, 256)

/** The threads of a process; none if it has gone. */
export const threadsOf = (pid: number): number[] => {
  try {
    return readdirSync(`/proc/${pid}/task`).map(Number)
  } catch {
    return []
  }
}

/** PF_EXITING, include/linux/sched.h (6.12): the thread has begun to end. It keeps its files until its memory is freed. */
const EXITING_BIT = 2

/** The state and the flags in /proc/PID/stat: proc_pid_stat(5). */
const isLive = (tid: number): boolean => {
  const flags = /^\d+ \(.*\) [^ZX] (?:-?\d+ ){5}(\d+) /s.exec(read(`/proc/${tid}/stat`) ?? '')?.[1]
  return flags !== undefined && !hasBit(BigInt(flags), EXITING_BIT)
}

/** The threads of a process that have not begun to end: the first one may end before the others. Lazy. */
export const liveThreadsOf = (pid: number): IteratorObject<number> => threadsOf(pid).values().filter(isLive)

/** Whether there is such a process, and a thread of it goes on. */
export const isAlive = (pid: number): boolean => liveThreadsOf(pid).next().done !== true

/** The file of an fd in a thread's table, as /proc names it; empty if the fd was closed or the thread has gone. */
export const linkOfFd = (tid: number, fd: number): string => {
  try {
    return readlinkSync(`/proc/${tid}/fd/${fd}`)
  } catch {
    return ''
  }
}
