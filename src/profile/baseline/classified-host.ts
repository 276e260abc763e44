import type { HostDocument } from '../../api/host-document.ts'

/** The nodes of one host class, as the compiler sees them: one host document stands for all of them. */
export type ClassifiedHost = {
  /** The host class; see compatibility/host-class. */
  readonly class: string
  /** How many nodes are of this class (for base `nodes`: of the selected ones). */
  readonly nodes: number
  readonly host: HostDocument
  /** Whether the selector of base `nodes` selects any of them; it means nothing for other bases. */
  readonly selected: boolean
}
