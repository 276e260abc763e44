import { mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildHolder } from '../../scripts/build-holder.ts'
import { eventually } from './eventually.ts'
import { LAB_PATHS } from './lab-paths.ts'
import { startProcess, type Process } from './process.ts'

/** The holder, built for this machine. */
export const holderProgram = (): string => {
  const path = join(LAB_PATHS.lab, `holder-${process.arch}`)
  const built = buildHolder(process.arch === 'arm64' ? 'arm64' : 'amd64', path)
  if (built === 'no compiler') throw new Error('missing tool: gcc (make deps installs it)')
  return path
}

/** Folders as a node has them, in which holders run one after another. */
export class HolderNode {
  readonly folder = mkdtempSync(join(tmpdir(), 'holder-'))
  readonly run = join(this.folder, 'run')
  readonly link = join(this.folder, 'kubelet/seccomp/cpufeatures')
  readonly log = join(this.folder, 'log')
  readonly runtimeSocket = join(this.run, 'runtime.sock')
  readonly holderSocket = join(this.run, 'holder.sock')
  readonly #started: Process[] = []

  constructor() {
    mkdirSync(join(this.folder, 'kubelet'))
  }

  /** Starts a holder. */
  launch(): Process {
    const holder = startProcess([holderProgram(), '--run', this.run, '--link', this.link], this.log)
    this.#started.push(holder)
    return holder
  }

  /** Starts a holder, and waits until the kubelet would find the profiles through it. */
  async start(): Promise<Process> {
    const holder = this.launch()
    await eventually(
      'the holder to have the sockets',
      () => {
        if (!holder.running()) throw new Error(this.said())
        return Promise.resolve(this.linkedPid === holder.pid || undefined)
      },
      { everyMs: 20 },
    )
    return holder
  }

  /** The holder through which the kubelet finds the profiles. */
  get linkedPid(): number | undefined {
    try {
      const [, pid, path] = /^\/proc\/(\d+)\/root(.*)\/seccomp$/.exec(readlinkSync(this.link)) ?? []
      return path === this.run ? Number(pid) : undefined
    } catch {
      return undefined
    }
  }

  /** All that its holders have said. */
  said(): string {
    return readFileSync(this.log, 'utf8')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const holder of this.#started) {
      if (holder.running()) process.kill(holder.pid, 'SIGKILL')
      await holder.exited
    }
    rmSync(this.folder, { recursive: true })
  }
}

export const openFiles = (pid: number): number => readdirSync(`/proc/${pid}/fd`).length

/** Resident memory in KiB. */
export const residentKib = (pid: number): number =>
  Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])
