import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeFd } from '../linux/process/close.ffi.ts'
import { createPipe } from '../linux/process/pipe.ffi.ts'
import { errnoName } from '../linux/errno.ts'

/** The two pipes to a supervisor. Both ends are close-on-exec: they end when the VMM begins. */
export type SupervisorLink = { readonly toSupervisor: number; readonly fromSupervisor: number }

/** A supervisor was started, or why not. */
export type StartedSupervisor =
  | { readonly kind: 'started'; readonly link: SupervisorLink }
  | { readonly kind: 'failed'; readonly message: string }

/** The supervisor's fds: it reads from 3 and writes to 4. */
export const SUPERVISOR_FDS = { input: 3, output: 4 } as const

/**
 * Starts `command` as a supervisor that is not this process's child: a shell in a session of its own starts it in the background and
 * ends. The VMM that this process becomes thus has no child it does not know of, and the supervisor's waitpid sees only
 * what it traces. It shares our stderr; nothing else.
 */
export const startSupervisor = async (command: readonly string[]): Promise<StartedSupervisor> => {
  const down = createPipe()
  const up = createPipe()
  if (typeof down === 'number' || typeof up === 'number') {
    return { kind: 'failed', message: `pipe: ${errnoName(Math.abs(Number(down) || Number(up)))}` }
  }
  const shell = spawn('/bin/sh', ['-c', '"$@" &', 'sh', ...command], {
    stdio: ['ignore', 'ignore', 'inherit', down.readEnd, up.writeEnd],
    detached: true,
  })
  closeFd(down.readEnd)
  closeFd(up.writeEnd)
  try {
    await once(shell, 'exit')
  } catch (error) {
    return { kind: 'failed', message: error instanceof Error ? error.message : String(error) }
  }
  return shell.exitCode === 0
    ? { kind: 'started', link: { toSupervisor: down.writeEnd, fromSupervisor: up.readEnd } }
    : { kind: 'failed', message: `/bin/sh ended with ${shell.exitCode ?? shell.signalCode ?? 'nothing'}` }
}
