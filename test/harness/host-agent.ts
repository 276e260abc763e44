import { spawn } from 'node:child_process'
import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import { createServer } from 'node:net'
import type { Socket } from 'node:net'
import { constants } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'
import { encodeFrame, frameReader } from './host-frames.ts'
import type { Frame, StartFrame } from './host-frames.ts'

/* Runs in the emulated host: starts a command for each connection (host-frames.ts). */

const PORT = 7000

const serve = (connection: Socket): void => {
  let child: ChildProcessWithoutNullStreams | undefined
  const use = (frame: Frame): void => {
    if (frame.kind === 'S') child = start(connection, JSON.parse(frame.payload.toString()) as StartFrame)
    else if (child !== undefined) pass(frame, child)
  }
  connection.on('data', frameReader(use))
  connection.on('error', () => undefined)
  connection.on('close', () => {
    if (child !== undefined) signalGroup(child, 'SIGKILL')
  })
}

const start = (connection: Socket, { command, env }: StartFrame): ChildProcessWithoutNullStreams => {
  const [file = '', ...args] = command
  // detached: a process group of its own, so that ending it ends what it started.
  const child = spawn(file, args, { env: { ...process.env, ...env }, cwd: '/root', detached: true })
  let lastOutput = Date.now()
  const forward = (kind: 'O' | 'E') => (chunk: Buffer) => {
    lastOutput = Date.now()
    if (connection.writable) connection.write(encodeFrame(kind, chunk))
  }
  child.stdout.on('data', forward('O'))
  child.stderr.on('data', forward('E'))
  child.stdin.on('error', () => undefined)
  let closed = false
  child.on('close', () => {
    closed = true
  })
  const end = async (code: number): Promise<void> => {
    // Processes that the command left behind may hold its output open forever, so half a second of silence counts as its end.
    while (!closed && Date.now() - lastOutput < 500) await delay(20)
    if (connection.writable) connection.end(encodeFrame('X', String(code)))
  }
  child.on('error', (error) => {
    forward('E')(Buffer.from(`${error.message}\n`))
    void end(127)
  })
  child.on('exit', (code, signal) => {
    lastOutput = Date.now()
    void end(code ?? 128 + (signal === null ? 0 : constants.signals[signal]))
  })
  return child
}

const pass = (frame: Frame, child: ChildProcessWithoutNullStreams): void => {
  if (frame.kind === 'K') signalGroup(child, frame.payload.toString() as NodeJS.Signals)
  else if (frame.kind === 'I' && frame.payload.length === 0) child.stdin.end()
  else if (frame.kind === 'I') child.stdin.write(frame.payload)
}

const signalGroup = (child: ChildProcessWithoutNullStreams, signal: NodeJS.Signals): void => {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, signal)
  } catch {
    // ESRCH: the whole group has gone already, as wanted.
  }
}

createServer(serve).listen(PORT, '0.0.0.0', () => {
  console.log('the host agent listens')
})
