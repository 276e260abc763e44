import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { closeFd } from '../../src/linux/process/close.ffi.ts'
import { PidFd } from '../../src/linux/process/pidfd.ffi.ts'
import { artifact } from './artifact-cache.ts'
import { LAB_PATHS } from './lab-paths.ts'
import { runCommand } from './process.ts'
import { RuntimeConnection } from './runtime-connection.ts'
import { requireTools } from './tools.ts'

const SOURCE = join(LAB_PATHS.root, 'test/fixtures/holder/contained.c')

const COMPILERS = { native: 'gcc', arm64: 'aarch64-linux-gnu-gcc' } as const

/** The program of test/fixtures/holder/contained.c, for this machine or for an emulated host. */
export const containedProgram = async (target: keyof typeof COMPILERS): Promise<string> => {
  const compiler = COMPILERS[target]
  const folder = await artifact({
    name: `contained-${target}`,
    inputs: [process.arch, await readFile(SOURCE, 'utf8'), await readFile(import.meta.filename, 'utf8')],
    make: async (made) => {
      requireTools(compiler)
      const flags = ['-O2', '-Wall', '-Werror', '-pthread', '-static']
      await runCommand([compiler, ...flags, '-o', join(made, 'contained'), SOURCE])
    },
  })
  return join(folder, 'contained')
}

/** A process of this machine under a filter that notifies KVM calls, as test/fixtures/holder/contained.c says. */
export type ContainedProcess = AsyncDisposable & {
  readonly pid: number
  /** A duplicate of its listener. It has none itself any more. */
  readonly listener: number
  /** Has it make a call. Resolves with the result, or -errno, when the call returns. */
  readonly call: (line: string) => Promise<number>
  /** Sends its listener and a text to a socket, as a container runtime does, and nobody here has the listener after that. */
  readonly send: (socket: string, state: string) => void
  /** The same, and keeps the listener here too. */
  readonly share: (socket: string, state: string) => void
}

/** Starts one. It ends when it is disposed of. */
export const startContained = async (): Promise<ContainedProcess> => {
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', await containedProgram('native')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  const waiting = new Map<string, ((result: number) => void)[]>()
  const lines = createInterface(child.stdout)
  const [first] = (await once(lines, 'line')) as [string]
  lines.on('line', (line) => {
    const at = line.lastIndexOf(' ')
    waiting.get(line.slice(0, at))?.shift()?.(Number(line.slice(at)))
  })
  const pid = child.pid ?? -1
  const held = PidFd.open(pid)
  if (typeof held === 'number') throw new Error(`pidfd_open: ${held}`)
  const listener = held.getFd(Number(first))
  held[Symbol.dispose]()
  const call = (line: string): Promise<number> =>
    new Promise((resolve) => {
      waiting.set(line, [...(waiting.get(line) ?? []), resolve])
      child.stdin.write(`${line}\n`)
    })
  await call('close')
  return {
    pid,
    listener,
    call,
    send: (socket, state) => {
      new RuntimeConnection(socket).say(state, [listener]).close()
      closeFd(listener)
    },
    share: (socket, state) => {
      new RuntimeConnection(socket).say(state, [listener]).close()
    },
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL')
      await exited
    },
  }
}
