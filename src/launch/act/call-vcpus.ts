import { randomInt } from 'node:crypto'
import type { CalledVcpu } from '../decide/call-situation.ts'
import { numberOfState, stateOfNumber, type VcpuState } from '../decide/vcpu-state.ts'

/** A vCPU of another process as it can be seen and marked from outside: VcpuFile. */
export type SeenVcpu = Disposable & {
  number: number
  readonly hasCanary: boolean
  setCanary(): void
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

/** What of the vCPUs is looked at: the one of this fd, and whether the others are, by its state. */
export type VcpuLook = {
  readonly fd: number | undefined
  readonly others: (state: VcpuState | undefined) => boolean
  /** Whether a vCPU may have run, where that is certain without a look. */
  readonly mayHaveRun: boolean | undefined
}

/** A number that is not 0. */
const randomNumber = (): number => randomInt(1, 2 ** 32)

const isLevelled = (state: VcpuState): boolean => state === 'levelled' || state === 'lengths-pending'

/**
 * How many of the VMs of these vCPUs have run: one of a VM shows what is written through another. NaN where one shows something else than
 * was planned, and its report says so, or they were not all seen.
 */
export const countRunVms = (vcpus: readonly SeenVcpu[] | undefined): number => {
  if (vcpus?.every(({ number }) => stateOfNumber(number) !== 'unlevelled') !== true) return NaN
  let [rest, count] = [vcpus, 0]
  for (let [first] = rest; first !== undefined; [first] = rest) {
    const proof = randomNumber()
    first.proof = proof
    const vm = rest.filter((one) => one.proof === proof)
    if (vm.some(({ hasCanary }) => !hasCanary)) count += 1
    rest = rest.filter((one) => !vm.includes(one) && one !== first)
  }
  return count
}

/** The vCPUs of one call, while it is served. Owns duplicates of their files, or maps of them. */
export class CallVcpus {
  readonly #own: SeenVcpu | 'none' | 'unresolvable'
  /** Undefined: not looked at, or not all could be seen. */
  #marked: readonly SeenVcpu[] | undefined
  readonly called: CalledVcpu
  readonly #certain: boolean | undefined

  constructor(tables: VcpuTables, { fd, others, mayHaveRun }: VcpuLook) {
    this.#certain = mayHaveRun
    this.#own = fd === undefined ? 'none' : tables.vcpu(fd)
    const state = typeof this.#own === 'string' ? undefined : stateOfNumber(this.#own.number)
    const looks = mayHaveRun !== false && others(state)
    try {
      this.#marked = looks ? tables.marked() : undefined
      this.called = this.#called(looks)
    } catch (error) {
      this[Symbol.dispose]()
      throw error
    }
  }

  #called(looks: boolean): CalledVcpu {
    if (typeof this.#own === 'string') return { kind: this.#own }
    const state = stateOfNumber(this.#own.number)
    // A reset of it needs no look at the others.
    if (!looks && state === 'levelled') return { kind: 'vcpu', state, vm: 'levelled', label: this.#own.label }
    return { kind: 'vcpu', state, vm: this.#vmOf(this.#own), label: this.#own.label }
  }

  /** What the vCPUs say that show what is written through this one: they are of one VM. */
  #vmOf(own: SeenVcpu): 'none' | 'levelled' | 'unlevelled' {
    own.proof = randomNumber()
    const states = (this.#marked ?? [])
      .filter(({ proof }) => proof === own.proof)
      .map(({ number }) => stateOfNumber(number))
    if (states.some(isLevelled)) return 'levelled'
    return states.includes('unlevelled') ? 'unlevelled' : 'none'
  }

  /** Whether a marked vCPU has entered the guest since it was marked; true where they were not all seen. */
  mayHaveRun(): boolean {
    return this.#certain ?? this.#marked?.every(({ hasCanary }) => hasCanary) !== true
  }

  /** Marks the call's vCPU; false if there is none. */
  mark(state: VcpuState, label = 0): boolean {
    if (typeof this.#own === 'string') return false
    // Before the mark: a vCPU that is marked and has none counts as one that ran.
    if (this.#own.number === 0) this.#own.setCanary()
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

  [Symbol.dispose](): void {
    if (typeof this.#own !== 'string') this.#own[Symbol.dispose]()
    for (const one of this.#marked ?? []) one[Symbol.dispose]()
  }
}
