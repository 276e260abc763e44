import type { VmState } from '../launch-state.ts'

/** What is known of a VM, and no mark holds. */
export type KeptVm = {
  /** The numbers of the features it was INITed with. */
  readonly features?: readonly number[]
  /** The register list that its VMM is given. */
  readonly list?: readonly bigint[]
}

/** A process may make VMs one after another, and nobody says when one ends: of so many something is known, of the last. */
const MOST_VMS = 1024

/** The VMs of one memory by their label, which each has in a page of its own. */
export class KeptVms {
  readonly #byLabel = new Map<number, KeptVm>()

  /** `state`: what a supervisor before us knew, and the lists that it refers to. */
  constructor(state: readonly VmState[] = [], lists: readonly (readonly bigint[])[] = []) {
    for (const { label, features, list } of state)
      this.keep(label, {
        ...(features !== undefined && { features }),
        ...(list !== undefined && { list: lists[list] ?? [] }),
      })
  }

  has(label: number): boolean {
    return this.#byLabel.has(label)
  }

  get(label: number): KeptVm {
    return this.#byLabel.get(label) ?? {}
  }

  /** Adds to what is known of a VM. */
  keep(label: number, more: KeptVm): void {
    const vm = { ...this.get(label), ...more }
    this.#byLabel.delete(label)
    this.#byLabel.set(label, vm)
    const [oldest] = this.#byLabel.keys()
    if (this.#byLabel.size > MOST_VMS && oldest !== undefined) this.#byLabel.delete(oldest)
  }

  /** For a successor; `indexOf` gives the index of a register list among all. */
  state(indexOf: (list: readonly bigint[]) => number): VmState[] {
    return [...this.#byLabel].map(([label, { features, list }]) => ({
      label,
      ...(features !== undefined && { features: [...features] }),
      ...(list !== undefined && { list: indexOf(list) }),
    }))
  }
}
