import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readlinkSync } from 'node:fs'
import { closeFd } from '../../linux/process/close.ffi.ts'
import { createMemfd } from '../../linux/process/memfd.ffi.ts'
import { connectUnixSocket } from '../../linux/process/unix-socket.ffi.ts'
import { createPipe } from '../../linux/process/pipe.ffi.ts'
import { errnoName } from '../../linux/errno.ts'

/** The two pipes to a supervisor. Both ends are close-on-exec: they end when the VMM begins. */
export type SupervisorLink = { readonly toSupervisor: number; readonly fromSupervisor: number }

/** A supervisor was started, or why not. */
export type StartedSupervisor =
  | { readonly kind: 'started'; readonly link: SupervisorLink }
  | { readonly kind: 'failed'; readonly message: string }

/**
 * The supervisor's fds: it reads from 3 and writes to 4; 5 is a file of what it knows, for its successor; 6 is the VMM's stderr. Its
 * own stderr that is not: Node would make it non-blocking.
 */
export const SUPERVISOR_FDS = { input: 3, output: 4, state: 5, told: 6 } as const

const STATE_NAME = 'cpufeatures-launch'

/** Whether `run` started this process beside its VMM, and so gave it these fds. Node has others of the same numbers. */
export const isStartedByLauncher = (): boolean => {
  try {
    return readlinkSync(`/proc/self/fd/${SUPERVISOR_FDS.state}`).startsWith(`/memfd:${STATE_NAME}`)
  } catch {
    return false
  }
}

/**
 * A shell starts the supervisor, and another one each time it ends, however it ended, until one says by exit code 0 that nothing is
 * left to supervise. The successor finds on fd 5 what the first knew; where that is empty, no listener was ever taken, and nothing was
 * launched. The launcher is told that the first has gone: its pipes are let go. It replaces three supervisors that end within a
 * minute at once, because calls wait, and each further one after a longer pause, of up to 30 s. Only words that every POSIX shell knows.
 */
const KEEP_SUPERVISED = `(
  failures=0
  while :; do
    read -r began _ </proc/uptime
    "$@" && exit
    [ -s /proc/self/fd/5 ] || exit
    exec 3</dev/null 4>/dev/null
    read -r ended _ </proc/uptime
    if [ $((\${ended%.*} - \${began%.*})) -lt 60 ]; then failures=$((failures + 1)); else failures=0; fi
    [ $failures -lt 3 ] || sleep $((failures < 8 ? 1 << (failures - 3) : 30))
  done
) &`

/** A link to a supervisor that serves all launches of this host. */
export const joinSupervisor = (path: string): StartedSupervisor => {
  const fd = connectUnixSocket(path)
  return fd < 0
    ? {
        kind: 'failed',
        message: `--supervisor ${path}: ${errnoName(-fd)}; it is started by cpufeatures supervise --socket ${path}`,
      }
    : { kind: 'started', link: { toSupervisor: fd, fromSupervisor: fd } }
}

/**
 * Starts `command` as a supervisor that is not this process's child: a shell in a session of its own leaves another in the background,
 * which starts it, and ends. The VMM that this process becomes thus has no child it does not know of, and the supervisor's waitpid sees
 * only what it traces. What it tells goes to the fd `told`, our stderr: a front end that reads the VMM's stderr to its end (libvirt, of
 * a QEMU that it probes) would wait for the supervisor too.
 */
export const startSupervisor = async (
  command: readonly string[],
  told: number | 'ignore',
): Promise<StartedSupervisor> => {
  const down = createPipe()
  const up = createPipe()
  if (typeof down === 'number' || typeof up === 'number') {
    return { kind: 'failed', message: `pipe: ${errnoName(Math.abs(Number(down) || Number(up)))}` }
  }
  const state = createMemfd(STATE_NAME)
  if (state < 0) return { kind: 'failed', message: `memfd_create: ${errnoName(-state)}` }
  const shell = spawn('/bin/sh', ['-c', KEEP_SUPERVISED, 'sh', ...command], {
    stdio: ['ignore', 'ignore', 'ignore', down.readEnd, up.writeEnd, state, told],
    detached: true,
  })
  closeFd(down.readEnd)
  closeFd(up.writeEnd)
  closeFd(state)
  try {
    await once(shell, 'exit')
  } catch (error) {
    return { kind: 'failed', message: error instanceof Error ? error.message : String(error) }
  }
  return shell.exitCode === 0
    ? { kind: 'started', link: { toSupervisor: down.writeEnd, fromSupervisor: up.readEnd } }
    : { kind: 'failed', message: `/bin/sh ended with ${shell.exitCode ?? shell.signalCode ?? 'nothing'}` }
}
