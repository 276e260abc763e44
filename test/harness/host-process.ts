import { connect } from 'node:net'
import { eventually } from './eventually.ts'
import { encodeFrame, frameReader } from './host-frames.ts'
import type { Frame } from './host-frames.ts'

export type HostResult = {
  stdout: string
  stderr: string
  exitCode: number
}

/** A command that runs in an emulated host. */
export type HostProcess = {
  /** Resolves when it has ended; rejects when the host or the connection is gone before. */
  exited: Promise<HostResult>
  /** What it has printed so far. */
  stdout: () => string
  stderr: () => string
  write: (input: string | Buffer) => void
  closeInput: () => void
  /** Sends a signal (SIGTERM if none is named) to its process group. */
  kill: (signal?: NodeJS.Signals) => void
  /** Waits until its standard output matches; throws with what it printed when it ended before, or when it hangs. */
  waitForOutput: (pattern: RegExp) => Promise<RegExpExecArray>
  /** Drops the connection: it is killed with its process group. */
  abandon: () => void
}

/** Starts a command through the agent of an emulated host that is forwarded to `port` of 127.0.0.1. */
export const startInHost = (
  port: number,
  command: readonly string[],
  env: Record<string, string> = {},
): HostProcess => {
  const connection = connect({ port, host: '127.0.0.1' })
  const output: Record<'O' | 'E', Buffer[]> = { O: [], E: [] }
  const text = (kind: 'O' | 'E'): string => Buffer.concat(output[kind]).toString()
  let running = true
  const exited = new Promise<HostResult>((resolve, reject) => {
    const use = ({ kind, payload }: Frame): void => {
      if (kind === 'O' || kind === 'E') output[kind].push(payload)
      if (kind === 'X')
        resolve({ stdout: text('O'), stderr: text('E'), exitCode: Number(payload.toString()) })
    }
    connection.on('data', frameReader(use))
    connection.on('error', reject)
    connection.on('close', () => {
      reject(new Error(`${command.join(' ')}: the connection to the host ended first`))
    })
  }).finally(() => {
    running = false
  })
  // A caller that only looks at the output need not wait for the end.
  exited.catch(() => undefined)
  connection.write(encodeFrame('S', JSON.stringify({ command, env })))

  const waitForOutput = async (pattern: RegExp): Promise<RegExpExecArray> => {
    const what = `${command.join(' ')} prints ${String(pattern)}`
    const seen = await eventually(what, () => {
      // Read before the output: a process that has ended has printed everything.
      const ended = !running
      const match = pattern.exec(text('O'))
      return Promise.resolve<RegExpExecArray | 'ended' | undefined>(match ?? (ended ? 'ended' : undefined))
    }).catch((cause: unknown) => {
      throw new Error(`${what}: not so\n${text('O')}\n${text('E')}`, { cause })
    })
    if (seen !== 'ended') return seen
    throw new Error(`${what}: it ended first\n${text('O')}\n${text('E')}`)
  }

  return {
    exited,
    stdout: () => text('O'),
    stderr: () => text('E'),
    write: (input) => connection.write(encodeFrame('I', input)),
    closeInput: () => connection.write(encodeFrame('I')),
    kill: (signal = 'SIGTERM') => connection.write(encodeFrame('K', signal)),
    waitForOutput,
    abandon: () => connection.destroy(),
  }
}
