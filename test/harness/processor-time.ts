import { readFileSync } from 'node:fs'

/** Clock ticks per second, as /proc counts them on every Linux (USER_HZ). */
const TICKS = 100

/** Fields of /proc/PID/stat, in clock ticks; the first is utime. */
const ticksOf = (pid: number | 'self'): number[] => {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // The name of the process stands in parentheses and may hold spaces: what follows it begins with the third field.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return fields.slice(11, 15).map(Number)
}

const inMs = (ticks: readonly number[]): number =>
  (ticks.reduce((sum, field) => sum + field, 0) * 1000) / TICKS

/**
 * Milliseconds of processor time, in user and kernel mode, of this process and of all it started that have ended and were waited for,
 * with what those started in turn (proc_pid_stat(5): utime, stime, cutime, cstime).
 */
export const processorTimeMs = (): number => inMs(ticksOf('self'))

/** Milliseconds of processor time, in user and kernel mode, of a process alone. */
export const processorTimeOf = (pid: number): number => inMs(ticksOf(pid).slice(0, 2))
