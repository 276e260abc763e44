import type { ProcessState } from '../launch-state.ts'
import type { ProcessMemory } from './process-memory.ts'

/** A process may make VMs in threads without end. Where debugfs shows fewer VMs of the last ones than have run, nothing is verified. */
const MOST_CREATORS = 1024

/** A process under supervision, as of its last execve(2). */
export class LaunchProcess {
  readonly pid: number
  readonly memory: ProcessMemory
  readonly #creators: Set<number>
  /** The number of the listener's duplicate in it, where one was put there. */
  listenerFd: number | undefined
  /** A VM of it has run and is there yet, and in no file table: debugfs may show it in the place of another. */
  hidesVm: boolean

  constructor(
    pid: number,
    memory: ProcessMemory,
    {
      creators = [],
      listenerFd,
      hidesVm,
    }: Partial<Pick<ProcessState, 'creators' | 'listenerFd' | 'hidesVm'>> = {},
  ) {
    this.pid = pid
    this.memory = memory
    this.#creators = new Set(creators)
    this.listenerFd = listenerFd
    this.hidesVm = hidesVm === true
  }

  /** Threads that have made a VM: debugfs names VMs by them. */
  get creators(): ReadonlySet<number> {
    return this.#creators
  }

  addCreator(tid: number): void {
    this.#creators.delete(tid)
    this.#creators.add(tid)
    const [oldest] = this.#creators
    if (this.#creators.size > MOST_CREATORS && oldest !== undefined) this.#creators.delete(oldest)
  }

  /** For a successor; `indexOf` gives the index of a register list among all. */
  state(indexOf: (list: readonly bigint[]) => number): ProcessState {
    const { hasVcpus, isOutOfSight, vms } = this.memory
    return {
      pid: this.pid,
      creators: [...this.#creators],
      hasVcpus,
      isOutOfSight,
      vms: vms.state(indexOf),
      ...(this.listenerFd !== undefined && { listenerFd: this.listenerFd }),
      ...(this.hidesVm && { hidesVm: true }),
    }
  }
}
