import { readFileSync } from 'node:fs'
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { HANG_GUARD_S } from './eventually.ts'
import { startInHost } from './host-process.ts'
import type { HostProcess, HostResult } from './host-process.ts'

/** The data with which any process reaches an emulated host. */
export type HostAddress = {
  name: string
  cpuModel: string
  kernel: string
  /** The agent's port, forwarded to 127.0.0.1. */
  agentPort: number
  consoleFile: string
}

export type RunOptions = {
  /** The command is killed after so many seconds; if not given, only the hang guard ends it. */
  timeoutSeconds?: number
  input?: string | Buffer
  env?: Record<string, string>
}

export type HostAccess = {
  /** Runs a command (no shell) to its end; a failing one is a result too. Throws when its time has passed. */
  run: (command: readonly string[], options?: RunOptions) => Promise<HostResult>
  /** Starts a command that goes on; it dies with its connection, so with this process. */
  spawn: (command: readonly string[], options?: Pick<RunOptions, 'env'>) => HostProcess
  /** Copies a file into the host, with its mode. */
  put: (localPath: string, remotePath: string) => Promise<void>
  /** Copies a file out of the host; text or binary. */
  get: (remotePath: string, localPath: string) => Promise<void>
  /** Everything that the host's serial console has shown. */
  console: () => string
} & HostAddress

/** A host as any process can use it that has its address. */
export const hostAccess = (address: HostAddress): HostAccess => {
  const spawn: HostAccess['spawn'] = (command, options = {}) =>
    startInHost(address.agentPort, command, options.env)
  const run: HostAccess['run'] = (command, options = {}) =>
    runInHost(spawn(command, options), command, options)
  return {
    ...address,
    spawn,
    run,
    put: async (localPath, remotePath) => {
      const mode = ((await stat(localPath)).mode & 0o777).toString(8)
      const script = 'mkdir -p "$(dirname "$1")" && cat > "$1" && chmod "$2" "$1"'
      const input = await readFile(localPath)
      const command = ['sh', '-c', script, 'put', remotePath, mode]
      mustSucceed(command, await run(command, { input }))
    },
    get: async (remotePath, localPath) => {
      // base64, because a result is text.
      const command = ['base64', remotePath]
      const { stdout } = mustSucceed(command, await run(command))
      await mkdir(dirname(localPath), { recursive: true })
      await writeFile(localPath, Buffer.from(stdout, 'base64'))
    },
    console: () => readFileSync(address.consoleFile, 'utf8').replaceAll('\r', ''),
  }
}

const mustSucceed = (command: readonly string[], result: HostResult): HostResult => {
  if (result.exitCode === 0) return result
  throw new Error(`${command.join(' ')}: exit code ${result.exitCode}: ${result.stderr}`)
}

const runInHost = async (
  child: HostProcess,
  command: readonly string[],
  { input = '', timeoutSeconds = HANG_GUARD_S }: RunOptions,
): Promise<HostResult> => {
  if (input.length > 0) child.write(input)
  child.closeInput()
  const timer = setTimeout(child.abandon, timeoutSeconds * 1000)
  const deadline = Date.now() + timeoutSeconds * 1000
  try {
    return await child.exited
  } catch (error) {
    const when = Date.now() < deadline ? '' : `: not done in ${timeoutSeconds} s`
    throw new Error(`${command.join(' ')}${when}\n${child.stdout()}\n${child.stderr()}`, { cause: error })
  } finally {
    clearTimeout(timer)
  }
}
