import { closeSync, openSync, readSync } from 'node:fs'
import { KeptVms } from './kept-vms.ts'
import { KnownCanaries } from './known-canaries.ts'

const one = Buffer.alloc(1)

/** The memory that the threads of a process have in common, and with those of others after vfork(2) or clone(2). Owns fds. */
export class ProcessMemory {
  /** A KVM_ARM_VCPU_INIT was served in it. */
  hasVcpus: boolean
  /** A vCPU of it may run that cannot be seen. */
  isOutOfSight: boolean
  readonly vms: KeptVms
  readonly canaries: KnownCanaries
  readonly #maps: number | undefined

  constructor(pid: number, { hasVcpus = false, isOutOfSight = false, vms = new KeptVms() } = {}) {
    this.vms = vms
    this.canaries = new KnownCanaries(!hasVcpus)
    this.hasVcpus = hasVcpus
    this.isOutOfSight = isOutOfSight
    this.#maps = openMaps(pid)
  }

  /** Whether it is there yet: it ends with execve(2), and with its last process. True where it could not be held. */
  get isAlive(): boolean {
    if (this.#maps === undefined) return true
    try {
      // Nothing is read of a memory that has gone: proc_maps_open, m_start, fs/proc/task_mmu.c (6.12).
      return readSync(this.#maps, one, 0, 1, 0) > 0
    } catch {
      return false
    }
  }

  [Symbol.dispose](): void {
    this.canaries[Symbol.dispose]()
    if (this.#maps !== undefined) closeSync(this.#maps)
  }
}

const openMaps = (pid: number): number | undefined => {
  try {
    return openSync(`/proc/${pid}/maps`, 'r')
  } catch {
    return undefined
  }
}
