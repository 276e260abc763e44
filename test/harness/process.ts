import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'

/** How a command ended; a signal counts as 128, as in a shell. */
export type CommandResult = {
  stdout: string
  stderr: string
  exitCode: number
}

export type CommandOptions = {
  input?: string | Buffer
  env?: NodeJS.ProcessEnv
  cwd?: string
  /** If true, a failing command is an answer and not an error. */
  mayFail?: boolean
}

/** A program that goes on running until it is stopped, or until this process ends, however it ends. */
export type Process = {
  pid: number
  /** Resolves with the exit code, or with 128 when a signal ended it. */
  exited: Promise<number>
  running: () => boolean
  /** SIGTERM, then SIGKILL after `graceMs`; resolves when the process is gone. */
  stop: (graceMs?: number) => Promise<void>
}

/**
 * The kernel kills the child when the thread that started it ends (PR_SET_PDEATHSIG, prctl(2)), so that not
 * even SIGKILL or a crash of this process leaves an emulator or a server behind. Node forks on its main thread.
 */
const diesWithUs = (command: readonly string[]): [string, string[]] => [
  'setpriv',
  ['--pdeathsig', 'KILL', '--', ...command],
]

/**
 * Runs a command to its end. Throws with the tail of its output if it fails, unless `mayFail`.
 */
export const runCommand = async (
  command: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> => {
  const [file, args] = diesWithUs(command)
  const child = spawn(file, args, { env: options.env ?? process.env, cwd: options.cwd })
  const stdout: Buffer[] = []
  const stderr: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk))
  // A command may end without reading its input: its exit code says more than our EPIPE.
  child.stdin.on('error', () => undefined)
  child.stdin.end(options.input ?? '')
  const exitCode = await ending(child, 'close')
  const result = {
    stdout: Buffer.concat(stdout).toString(),
    stderr: Buffer.concat(stderr).toString(),
    exitCode,
  }
  if (exitCode !== 0 && options.mayFail !== true) throw new Error(describeFailure(command, result))
  return result
}

const describeFailure = (command: readonly string[], result: CommandResult): string => {
  const tail = `${result.stdout}${result.stderr}`.trimEnd().split('\n').slice(-20).join('\n')
  return `${command.join(' ')}: exit code ${result.exitCode}\n${tail}`
}

/**
 * Starts a program whose output goes to `logFile` (appended to). It does not keep this process open: a test file
 * that is done ends, and its programs with it.
 */
export const startProcess = (
  command: readonly string[],
  logFile: string,
  options: { env?: NodeJS.ProcessEnv; cwd?: string } = {},
): Process => {
  const log = openSync(logFile, 'a')
  const [file, args] = diesWithUs(command)
  // A group of its own: Ctrl-C in a terminal reaches only us, who then stop things in order.
  const child = spawn(file, args, {
    env: options.env ?? process.env,
    cwd: options.cwd,
    stdio: ['ignore', log, log],
    detached: true,
  })
  closeSync(log)
  child.unref()
  let running = true
  const exited = ending(child, 'exit').finally(() => {
    running = false
  })
  exited.catch(() => undefined)
  const stop = async (graceMs = 5000): Promise<void> => {
    if (!running) return
    child.kill('SIGTERM')
    const timer = setTimeout(() => child.kill('SIGKILL'), graceMs)
    await exited.catch(() => undefined)
    clearTimeout(timer)
  }
  return { pid: child.pid ?? -1, exited, running: () => running, stop }
}

const ending = (child: ChildProcess, event: 'exit' | 'close'): Promise<number> =>
  new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once(event, (code: number | null) => {
      resolve(code ?? 128)
    })
  })
