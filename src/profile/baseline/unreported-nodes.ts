import { namesWithMore } from '../../catalogue/names-with-more.ts'

/** A node that base `nodes` selects, and that does not count any more, although it has no report; `why` is a clause. */
export type SilentNode = { readonly node: string; readonly why: string }

/** The nodes that base `nodes` selects and that have no report. */
export type UnreportedNodes = {
  /** A first baseline waits for these. */
  readonly waitedFor: readonly string[]
  /** A first baseline is taken without these. */
  readonly silent: readonly SilentNode[]
}

/** Every selected node has reported. */
export const ALL_REPORTED: UnreportedNodes = { waitedFor: [], silent: [] }

const MOST_NAMED = 8

/** Why a first baseline is not taken yet; undefined if no node is waited for. `reported`: how many selected nodes have reported. */
export const waitsFor = ({ waitedFor }: UnreportedNodes, reported: number): string | undefined =>
  waitedFor.length === 0
    ? undefined
    : `${waitedFor.length} of ${reported + waitedFor.length} selected nodes have not reported yet: ` +
      `${namesWithMore(waitedFor, MOST_NAMED)}. Look at the node-agent there, or select other nodes`

/** Names the silent nodes, once for all that have the same reason. */
export const silentNotes = ({ silent }: UnreportedNodes): readonly string[] =>
  [...Map.groupBy(silent, ({ why }) => why)].map(([why, group]) => {
    const names = namesWithMore(
      group.map(({ node }) => node),
      MOST_NAMED,
    )
    const [are, it] = group.length === 1 ? ['node', 'is'] : ['nodes', 'are']
    return `${are} ${names} ${it} selected and left out of the baseline: ${why}`
  })
