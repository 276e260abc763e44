import { readFileSync } from 'node:fs'

/** Clock ticks per second, as /proc counts them on every Linux (USER_HZ). */
const TICKS = 100

/**
 * Milliseconds of processor time, in user and kernel mode, of this process and of all it started that have ended and were waited for,
 * with what those started in turn (proc_pid_stat(5): utime, stime, cutime, cstime).
 */
export const processorTimeMs = (): number => {
  const stat = readFileSync('/proc/self/stat', 'utf8')
  // The name of the process stands in parentheses and may hold spaces: what follows it begins with the third field.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0)
  return (ticks * 1000) / TICKS
}
