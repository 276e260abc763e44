import type { LaunchRefusal } from '../../api/finding.ts'

/**
 * How many findings of the same reason, about the same thing, are kept. They differ in values or name different threads, and a VMM can
 * cause them without end.
 */
const MOST_OF_A_KIND = 16

const kindOf = ({ reason, register = '', field = '', feature = '' }: LaunchRefusal): string =>
  [reason, register, field, feature].join('\n')

/** The findings of a launch: each different one once, and of each kind the first ones. */
export class KeptFindings {
  readonly #findings = new Map<string, LaunchRefusal>()
  readonly #kinds = new Map<string, number>()
  #leftOut: number

  /** `leftOut`: how many a recorder before this one did not keep. */
  constructor(leftOut = 0) {
    this.#leftOut = leftOut
  }

  add(finding: LaunchRefusal): void {
    const text = JSON.stringify(finding)
    if (this.#findings.has(text)) return
    const kind = kindOf(finding)
    const count = this.#kinds.get(kind) ?? 0
    if (count >= MOST_OF_A_KIND) {
      this.#leftOut++
      return
    }
    this.#kinds.set(kind, count + 1)
    this.#findings.set(text, finding)
  }

  /** In the order they came. */
  get all(): LaunchRefusal[] {
    return [...this.#findings.values()]
  }

  get count(): number {
    return this.#findings.size
  }

  /** How many were not kept; one that repeats counts each time. */
  get leftOut(): number {
    return this.#leftOut
  }
}
