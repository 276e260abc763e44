import { mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildHolder } from '../../scripts/build-holder.ts'
import { HolderConnection, type HolderEvent } from '../../src/node-agent/holder/holder-connection.ts'
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

  /** Starts a holder, and waits until the kubelet would find the profiles through it. */
  async start(): Promise<Process> {
    const holder = startProcess([holderProgram(), '--run', this.run, '--link', this.link], this.log)
    this.#started.push(holder)
    await eventually(
      'the holder to have the sockets',
      () => {
        if (!holder.running()) throw new Error(this.said())
        const target = readlinkSync(this.link)
        return Promise.resolve(target === `/proc/${holder.pid}/root${this.run}/seccomp` || undefined)
      },
      { everyMs: 20 },
    )
    return holder
  }

  /** All that its holders have said. */
  said(): string {
    return readFileSync(this.log, 'utf8')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const holder of this.#started) {
      process.kill(-holder.pid, 'SIGKILL')
      await holder.exited
    }
    rmSync(this.folder, { recursive: true })
  }
}

export const openFiles = (pid: number): number => readdirSync(`/proc/${pid}/fd`).length

/** Resident memory in KiB. */
export const residentKib = (pid: number): number =>
  Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])

/** An agent that keeps all that it is told. */
export class ListeningAgent {
  readonly connection: HolderConnection
  readonly events: HolderEvent[] = []

  constructor(node: HolderNode) {
    this.connection = new HolderConnection(node.holderSocket)
  }

  connect(): number {
    return this.connection.connect()
  }

  of<Kind extends HolderEvent['kind']>(kind: Kind): Extract<HolderEvent, { readonly kind: Kind }>[] {
    return this.events.filter(
      (event): event is Extract<HolderEvent, { readonly kind: Kind }> => event.kind === kind,
    )
  }

  /** Listens until so many events of a kind were told, in all. */
  async hear<Kind extends HolderEvent['kind']>(
    kind: Kind,
    count = 1,
  ): Promise<Extract<HolderEvent, { readonly kind: Kind }>[]> {
    return eventually(
      `${count} times ${kind} to be told`,
      () => {
        this.events.push(...this.connection.receive())
        const told = this.of(kind)
        return Promise.resolve(told.length >= count ? told : undefined)
      },
      { everyMs: 10 },
    )
  }
}
