import type { SilentNode, UnreportedNodes } from '../profile/baseline/unreported-nodes.ts'

/**
 * How long a first baseline waits for the report of a node, in ms. A node-agent reports within a minute of its start. The rest is for
 * nodes that pull the image, and for a DaemonSet that is rolled out.
 */
export const SILENT_AFTER_MS = 10 * 60_000

/** A selected node without a report. */
export type UnreportedNode = {
  readonly node: string
  /** Its label kubernetes.io/arch; undefined if it has none. */
  readonly architecture: string | undefined
  /** When it was created, in ms since 1970; undefined if the API server did not say. */
  readonly createdMs: number | undefined
}

/** Which nodes are waited for, and after how many ms the answer changes by itself; undefined if it does not. */
export type Silence = { readonly nodes: UnreportedNodes; readonly changesInMs: number | undefined }

const MINUTES = SILENT_AFTER_MS / 60_000

const foreign = ({ node, architecture }: UnreportedNode): SilentNode[] =>
  architecture === undefined || architecture === 'arm64'
    ? []
    : [
        {
          node,
          why: `the label kubernetes.io/arch says ${architecture}; restrict base.nodes.selector to arm64 nodes`,
        },
      ]

/**
 * Sorts nodes without a report into those that are waited for, and those that are silent. A node of another architecture never has a
 * report. Any other is waited for until it has existed, and the profile has waited, for {@link SILENT_AFTER_MS}.
 *
 * @param waitingSinceMs - since when the profile waits for nodes, in ms since 1970; undefined if it does not wait
 */
export const silence = (
  unreported: readonly UnreportedNode[],
  { nowMs, waitingSinceMs = 0 }: { readonly nowMs: number; readonly waitingSinceMs?: number | undefined },
): Silence => {
  const sorted = unreported.toSorted((a, b) => (a.node < b.node ? -1 : 1))
  const others = sorted.filter((one) => foreign(one).length === 0)
  const leftMs = ({ createdMs = 0 }: UnreportedNode) =>
    Math.max(createdMs, waitingSinceMs) + SILENT_AFTER_MS - nowMs
  const awaited = others.filter((one) => leftMs(one) > 0)
  const overdue = others.filter((one) => leftMs(one) <= 0)
  return {
    nodes: {
      waitedFor: awaited.map(({ node }) => node),
      silent: [
        ...sorted.flatMap(foreign),
        ...overdue.map(({ node }) => ({
          node,
          why: `no node-agent has reported there for ${MINUTES} minutes; base.nodes.onNewNode applies when one does`,
        })),
      ],
    },
    changesInMs: awaited.length === 0 ? undefined : Math.min(...awaited.map(leftMs)),
  }
}
