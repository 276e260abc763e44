import { randomInt } from 'node:crypto'
import type { CalledVcpu, CallSituation } from '../decide/call-situation.ts'
import type { OwnVcpu } from '../decide/when-to-look.ts'
import { numberOfState, stateOfNumber, type VcpuState } from '../decide/vcpu-state.ts'
import type { CanaryWatch, KnownCanaries } from './known-canaries.ts'

/** A vCPU of another process as it can be seen and marked from outside: VcpuFile. */
export type SeenVcpu = Disposable & {
  number: number
  readonly hasCanary: boolean
  setCanary(): void
  /** Has its canary watched for longer than it is seen; false if it cannot be. */
  watchCanary(watch: CanaryWatch): boolean
  label: number
  proof: number
}

/** The vCPUs of the memory in which a call was made. */
export type VcpuTables = {
  /** The vCPU of an fd, in the table of the calling thread. */
  vcpu(fd: number): SeenVcpu | 'none' | 'unresolvable'
  /** Every marked vCPU of every table; undefined if one could not be looked into. */
  marked(): readonly SeenVcpu[] | undefined
}

/** What is known of the memory in which a call was made. */
export type MemoryOfVcpus = {
  /** A vCPU of it may run that cannot be seen. */
  readonly isOutOfSight: boolean
  readonly canaries: KnownCanaries
}

/** A number that is not 0. */
export const randomNumber = (): number => randomInt(1, 2 ** 32)

const isLevelled = (state: VcpuState): boolean => state === 'levelled' || state === 'lengths-pending'

/** What is seen of the vCPUs: a part of the situation of a call. */
export type SeenVcpus = Pick<CallSituation, 'vcpu' | 'mayHaveRun'>

/** The vCPUs of one call, while it is served. Owns duplicates of their files, or maps of them. */
export class CallVcpus {
  readonly #tables: VcpuTables
  readonly #memory: MemoryOfVcpus
  readonly #fd: number | undefined
  #own: SeenVcpu | 'none' | 'unresolvable'
  /** Before this call: the vCPU that it INITs has not run. */
  #wasOutOfSight: boolean
  /** All that are marked, where they had to be looked at; `unseen`: not all could be. */
  #marked: readonly SeenVcpu[] | 'unseen' | undefined

  /** `fd`: of the call's vCPU, if it is on one. */
  constructor(tables: VcpuTables, memory: MemoryOfVcpus, fd: number | undefined) {
    this.#tables = tables
    this.#memory = memory
    this.#wasOutOfSight = memory.isOutOfSight
    this.#fd = fd
    this.#own = this.#lookAtOwn()
  }

  #lookAtOwn(): SeenVcpu | 'none' | 'unresolvable' {
    return this.#fd === undefined ? 'none' : this.#tables.vcpu(this.#fd)
  }

  get own(): OwnVcpu {
    if (typeof this.#own === 'string') return { kind: this.#own }
    return { kind: 'vcpu', state: stateOfNumber(this.#own.number) }
  }

  /** What decides where the others are not looked at. */
  ownOnly(): SeenVcpus {
    return { vcpu: this.#called('none'), mayHaveRun: true }
  }

  #called(vm: 'none' | 'levelled' | 'unlevelled'): CalledVcpu {
    if (typeof this.#own === 'string') return { kind: this.#own }
    return { kind: 'vcpu', state: stateOfNumber(this.#own.number), vm, label: this.#own.label }
  }

  /** What decides: of the vCPU that the fd is now, and of the others. */
  look(): SeenVcpus {
    this.#wasOutOfSight = this.#memory.isOutOfSight
    try {
      this.#letGoOfOwn()
      this.#own = this.#lookAtOwn()
      const mayHaveRun = this.mayHaveRun()
      return { vcpu: this.#called(mayHaveRun ? this.#vmOf() : 'none'), mayHaveRun }
    } catch {
      return { vcpu: { kind: 'unresolvable' }, mayHaveRun: true }
    }
  }

  /** What the vCPUs say that show what is written through this one: they are of one VM. It decides only where a VM may have run. */
  #vmOf(): 'none' | 'levelled' | 'unlevelled' {
    const own = this.#own
    if (typeof own === 'string') return 'none'
    own.proof = randomNumber()
    const states = (this.#all() ?? [])
      .filter((one) => one !== own && one.proof === own.proof)
      .map(({ number }) => stateOfNumber(number))
    if (states.some(isLevelled)) return 'levelled'
    return states.includes('unlevelled') ? 'unlevelled' : 'none'
  }

  /** Whether a marked vCPU has entered the guest since it was marked; true where they were not all seen. */
  mayHaveRun(): boolean {
    if (this.#wasOutOfSight) return true
    if (this.#memory.canaries.areAllThere) return false
    return this.#all()?.every(({ hasCanary }) => hasCanary) !== true
  }

  /** Every marked vCPU, the call's own too if it is. */
  #all(): readonly SeenVcpu[] | undefined {
    this.#marked ??= this.#lookAtMarked()
    if (this.#marked === 'unseen') return undefined
    const own = typeof this.#own === 'string' || this.#own.number === 0 ? [] : [this.#own]
    return [...this.#marked, ...own]
  }

  #lookAtMarked(): readonly SeenVcpu[] | 'unseen' {
    try {
      return this.#tables.marked() ?? 'unseen'
    } catch {
      // Such as ENOMEM where a page is mapped.
      return 'unseen'
    }
  }

  /** Marks the call's vCPU; false if there is none. */
  mark(state: VcpuState, label = 0): boolean {
    if (typeof this.#own === 'string') return false
    const isNew = this.#own.number === 0
    // Before the mark: a vCPU that is marked and has none counts as one that ran.
    if (isNew) this.#own.setCanary()
    // One that a VMM has given a signal of its own has none.
    if (isNew || state === 'begun') this.#memory.canaries.add(this.#own)
    this.#own.number = numberOfState(state)
    if (label !== 0) this.#own.label = label
    return true
  }

  /** A label that is none of these. */
  static freshLabel(taken: { has(label: number): boolean }): number {
    for (;;) {
      const label = randomNumber()
      if (!taken.has(label)) return label
    }
  }

  #letGoOfOwn(): void {
    if (typeof this.#own !== 'string') this.#own[Symbol.dispose]()
    this.#own = 'none'
  }

  [Symbol.dispose](): void {
    this.#letGoOfOwn()
    if (typeof this.#marked === 'object') for (const one of this.#marked) one[Symbol.dispose]()
    this.#marked = undefined
  }
}
