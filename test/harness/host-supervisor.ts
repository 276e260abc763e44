import type { HostAccess } from './host-access.ts'
import type { HostProcess } from './host-process.ts'
import { eventually } from './eventually.ts'

/**
 * Shell functions for scripts in a host. `supervisors`: the pids of the supervisors that launches have started for themselves.
 * `unsupervised`: waits until none is left, nor a shell that would start another one.
 */
export const SUPERVISORS = `supervisors() { ps | awk '/MainThread.* supervise *$/ { print $1 }'; }
unsupervised() { while cat /proc/[0-9]*/cmdline 2> /dev/null | tr '\\0' '\\n' | grep -qx supervise; do sleep 0.1; done; }`

/** What a supervisor is started as. Default: the host's `cpufeatures`, in its own environment. */
type SupervisorProgram = {
  readonly command?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

/** Starts the supervisor of all launches of a host (`cpufeatures supervise`), and waits until it serves. */
export const startHostSupervisor = async (
  host: HostAccess,
  socket: string,
  options: readonly string[] = [],
  { command = ['cpufeatures'], env = {} }: SupervisorProgram = {},
): Promise<HostProcess> => {
  const supervisor = host.spawn([...command, 'supervise', '--socket', socket, ...options], { env })
  await eventually('the supervisor to serve', () =>
    Promise.resolve(/serving launches/.test(supervisor.stderr()) ? true : undefined),
  )
  return supervisor
}
