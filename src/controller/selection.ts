import type { LabelSelector } from '../api/cpu-feature-profile.ts'
import type { HostClassIndex } from './host-class-index.ts'
import type { UnreportedNode } from './silent-nodes.ts'
import { matchesSelector, selectsAll } from './label-selector.ts'

/** The nodes from which a profile takes its baseline. */
export type Selection = {
  /** By host class, how many nodes are selected; a class with none is absent. */
  readonly perClass: ReadonlyMap<string, number>
  /** Selected nodes whose agent has not reported. */
  readonly unreported: readonly UnreportedNode[]
}

/** What a selection looks at of a node. */
type NodeFacts = {
  readonly labels: Readonly<Record<string, string>>
  /** When it was created, in ms since 1970. */
  readonly createdMs: number | undefined
}

/**
 * Selects nodes by label. The empty selector selects every node with a report, so that it never waits for nodes without an
 * agent.
 *
 * @param nodes - each node, by name
 */
export const select = (
  selector: LabelSelector,
  index: Pick<HostClassIndex, 'entries' | 'reportOf'>,
  nodes: ReadonlyMap<string, NodeFacts>,
): Selection => {
  if (selectsAll(selector))
    return { perClass: new Map(index.entries().map((one) => [one.class, one.nodes.length])), unreported: [] }
  const perClass = new Map<string, number>()
  const unreported: UnreportedNode[] = []
  for (const [name, { labels, createdMs }] of nodes) {
    if (!matchesSelector(selector, labels)) continue
    const state = index.reportOf(name)?.state
    if (state === undefined || state.kind === 'pending')
      unreported.push({ node: name, architecture: labels['kubernetes.io/arch'], createdMs })
    else if (state.kind === 'host') perClass.set(state.class, (perClass.get(state.class) ?? 0) + 1)
  }
  return { perClass, unreported }
}
