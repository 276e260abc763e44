import type { HostAccess } from './host-access.ts'
import type { HostProcess } from './host-process.ts'
import { eventually } from './eventually.ts'

/** A shell function for scripts in a host: the pids of the supervisors that launches have started for themselves. */
export const SUPERVISORS = `supervisors() { ps | awk '/MainThread.* supervise *$/ { print $1 }'; }`

/** Starts the supervisor of all launches of a host (`cpufeatures supervise`), and waits until it serves. */
export const startHostSupervisor = async (
  host: HostAccess,
  socket: string,
  options: readonly string[] = [],
): Promise<HostProcess> => {
  const supervisor = host.spawn(['cpufeatures', 'supervise', '--socket', socket, ...options])
  await eventually('the supervisor to serve', () =>
    Promise.resolve(/serving launches/.test(supervisor.stderr()) ? true : undefined),
  )
  return supervisor
}
