import { spawn } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { BpfInstruction } from '../../src/linux/abi/bpf.ts'
import { writeLossless } from '../../src/node-agent/seccomp/lossless-json.ts'
import type { OciSeccomp } from '../../src/node-agent/seccomp/oci-seccomp.ts'
import { eventually } from './eventually.ts'
import { LAB_PATHS, runFolder } from './lab-paths.ts'
import { runCommand, startProcess } from './process.ts'
import { requireTools } from './tools.ts'

export const RUNTIMES = ['runc', 'crun'] as const
export type Runtime = (typeof RUNTIMES)[number]

// A cgroup v2 alone, because crun refuses a machine that has both.
const WITH_ONE_CGROUP_TREE = [
  ...['unshare', '--mount', 'sh', '-c'],
  'umount --lazy /sys/fs/cgroup; mount -t cgroup2 none /sys/fs/cgroup && exec "$@"',
  'sh',
]
const COMMANDS: Readonly<Record<Runtime, readonly string[]>> = {
  runc: ['runc'],
  crun: [...WITH_ONE_CGROUP_TREE, 'crun', '--cgroup-manager=disabled'],
}

/** What a container did that ran test/fixtures/seccomp-runtime/ask-ioctls.c. */
export type Ran = {
  /** Its output, without the line "end". */
  readonly lines: readonly string[]
  /** The filters under which it ran, the last installed one first; empty if it did not stay. */
  readonly filters: readonly (readonly BpfInstruction[])[]
}

const filtersIn = (text: string): BpfInstruction[][] =>
  text
    .split('filter\n')
    .slice(1)
    .map((lines) =>
      lines
        .trimEnd()
        .split('\n')
        .map((line) => {
          const [code = 0, ifTrue = 0, ifFalse = 0, k = 0] = line
            .split(' ')
            .map((digits) => Number.parseInt(digits, 16))
          return { code, ifTrue, ifFalse, k }
        }),
    )

/** In /proc/net/unix: a socket that is bound, and listens (__SO_ACCEPTCON, include/linux/net.h). */
const LISTENING = /^\S+ \S+ \S+ 00010000 /

const listensAt = async (path: string): Promise<true | undefined> => {
  const sockets = (await readFile('/proc/net/unix', 'utf8')).split('\n')
  return sockets.some((line) => line.endsWith(path) && LISTENING.test(line)) ? true : undefined
}

/** Runs containers with the real runtimes of this machine, as root. */
export class ContainerRuntimes {
  readonly #folder = runFolder('runtimes')
  #count = 0

  async build(): Promise<void> {
    requireTools('gcc', 'runc', 'crun', 'unshare')
    const sources = join(LAB_PATHS.root, 'test/fixtures/seccomp-runtime')
    mkdirSync(join(this.#folder, 'bundle/rootfs'), { recursive: true })
    for (const [program, flags] of [
      ['bundle/rootfs/ask-ioctls', ['-static']],
      ['answer-listener', []],
      ['show-filters', []],
    ] as const) {
      const source = join(sources, `${program.split('/').at(-1) ?? ''}.c`)
      await runCommand(['gcc', '-O2', '-Wall', ...flags, '-o', join(this.#folder, program), source])
    }
  }

  /** The path to which a filter may have its listener sent. */
  get listenerPath(): string {
    return join(this.#folder, 'listener.sock')
  }

  /** Runs ask-ioctls with arguments under a filter. With a `listenerPath` in the filter, somebody answers there with EUCLEAN. */
  async run(runtime: Runtime, filter: OciSeccomp, args: readonly string[]): Promise<Ran> {
    const name = `cpufeatures-${process.pid}-${(this.#count += 1)}`
    this.#writeBundle(filter, args)
    const answering = filter.listenerPath === undefined ? undefined : await this.#answer(filter.listenerPath)
    try {
      return await this.#runBundle(runtime, name)
    } finally {
      await answering?.stop()
    }
  }

  async #answer(path: string) {
    await runCommand(['rm', '-f', path])
    const answering = startProcess([join(this.#folder, 'answer-listener'), path], join(this.#folder, 'log'))
    await eventually('the listener listens', () => listensAt(path), { everyMs: 20 })
    return answering
  }

  async #runBundle(runtime: Runtime, name: string): Promise<Ran> {
    const pidFile = join(this.#folder, `${name}.pid`)
    const bundle = ['--bundle', join(this.#folder, 'bundle'), '--pid-file', pidFile, name]
    const [file = '', ...args] = [
      ...COMMANDS[runtime],
      '--root',
      join(this.#folder, runtime),
      'run',
      ...bundle,
    ]
    const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'pipe'] })
    const exited = new Promise((resolve) => child.once('close', resolve))
    const errors: Buffer[] = []
    child.stderr.on('data', (chunk: Buffer) => errors.push(chunk))
    const lines: string[] = []
    let filters: Ran['filters'] = []
    try {
      for await (const line of createInterface(child.stdout)) {
        if (line === 'end') {
          filters = await this.#shownFilters(pidFile)
          child.stdin.end()
        } else lines.push(line)
      }
    } finally {
      child.stdin.end()
    }
    const exitCode = await exited
    if (exitCode !== 0)
      throw new Error(`${runtime} run: ${String(exitCode)} ${Buffer.concat(errors).toString()}`)
    return { lines, filters }
  }

  /** runc writes the file of the pid after it has started the program. */
  async #shownFilters(pidFile: string): Promise<Ran['filters']> {
    const written = async () => (await readFile(pidFile, 'utf8')).trim() || undefined
    const pid = await eventually('the runtime tells the pid', written, { everyMs: 20 })
    return filtersIn((await runCommand([join(this.#folder, 'show-filters'), pid])).stdout)
  }

  #writeBundle(seccomp: OciSeccomp, args: readonly string[]): void {
    const config = {
      ociVersion: '1.0.2',
      process: {
        user: { uid: 0, gid: 0 },
        args: ['/ask-ioctls', ...args],
        cwd: '/',
        env: [],
        noNewPrivileges: true,
      },
      root: { path: 'rootfs' },
      mounts: [
        { destination: '/proc', type: 'proc', source: 'proc' },
        { destination: '/dev', type: 'tmpfs', source: 'tmpfs' },
      ],
      linux: { namespaces: [{ type: 'pid' }, { type: 'mount' }, { type: 'ipc' }, { type: 'uts' }], seccomp },
    }
    writeFileSync(join(this.#folder, 'bundle/config.json'), writeLossless(config))
  }
}
