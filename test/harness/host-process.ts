import { connect } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
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
  /** Waits until its standard output matches; throws after the time with what it printed, or when it ended before. */
  waitForOutput: (pattern: RegExp, timeoutSeconds: number) => Promise<RegExpExecArray>
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
  // Who only looks at the output need not wait for the end.
  exited.catch(() => undefined)
  connection.write(encodeFrame('S', JSON.stringify({ command, env })))

  const waitForOutput = async (pattern: RegExp, timeoutSeconds: number): Promise<RegExpExecArray> => {
    const deadline = Date.now() + timeoutSeconds * 1000
    for (;;) {
      const ended = !running
      const match = pattern.exec(text('O'))
      if (match !== null) return match
      if (ended || Date.now() > deadline) {
        const why = ended ? 'it ended' : `${timeoutSeconds} s passed`
        throw new Error(
          `${command.join(' ')}: ${why} and nothing matched ${String(pattern)}\n${text('O')}\n${text('E')}`,
        )
      }
      await delay(50)
    }
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
