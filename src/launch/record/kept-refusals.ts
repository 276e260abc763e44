import type { LaunchRefusal } from '../../api/finding.ts'

/**
 * How many refusals of the same reason, about the same thing, are kept. They differ in values or name different threads, and a VMM can
 * cause them without end.
 */
const MOST_OF_A_KIND = 16

const kindOf = ({ reason, register = '', field = '', feature = '' }: LaunchRefusal): string =>
  [reason, register, field, feature].join('\n')

/** The refusals of a launch: each different one once, and of each kind the first ones. */
export class KeptRefusals {
  readonly #refusals = new Map<string, LaunchRefusal>()
  readonly #kinds = new Map<string, number>()
  #leftOut: number

  /** `leftOut`: how many a recorder before this one did not keep. */
  constructor(leftOut = 0) {
    this.#leftOut = leftOut
  }

  add(refused: LaunchRefusal): void {
    const text = JSON.stringify(refused)
    if (this.#refusals.has(text)) return
    const kind = kindOf(refused)
    const count = this.#kinds.get(kind) ?? 0
    if (count >= MOST_OF_A_KIND) {
      this.#leftOut++
      return
    }
    this.#kinds.set(kind, count + 1)
    this.#refusals.set(text, refused)
  }

  /** In the order they came. */
  get all(): LaunchRefusal[] {
    return [...this.#refusals.values()]
  }

  get count(): number {
    return this.#refusals.size
  }

  /** How many were not kept; one that repeats counts each time. */
  get leftOut(): number {
    return this.#leftOut
  }
}
