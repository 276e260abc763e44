import type { LabelSelector } from '../api/cpu-feature-profile.ts'
import type { HostClassIndex } from './host-class-index.ts'
import { matchesSelector, selectsAll } from './label-selector.ts'

/** The nodes from which a profile takes its baseline. */
export type Selection = {
  /** By host class, how many nodes are selected; a class with none is absent. */
  readonly perClass: ReadonlyMap<string, number>
  /** Selected nodes whose agent has not reported yet. */
  readonly unreported: number
}

type Labels = Readonly<Record<string, string>>

/**
 * Selects nodes by label. The empty selector selects every node with a report, so that it never waits for nodes without an
 * agent.
 *
 * @param nodes - the labels of each node, by name
 */
export const select = (
  selector: LabelSelector,
  index: Pick<HostClassIndex, 'entries' | 'reportOf'>,
  nodes: ReadonlyMap<string, Labels>,
): Selection => {
  if (selectsAll(selector))
    return { perClass: new Map(index.entries().map((one) => [one.class, one.nodes.length])), unreported: 0 }
  const perClass = new Map<string, number>()
  let unreported = 0
  for (const [name, labels] of nodes) {
    if (!matchesSelector(selector, labels)) continue
    const state = index.reportOf(name)?.state
    if (state === undefined || state.kind === 'pending') unreported += 1
    else if (state.kind === 'host') perClass.set(state.class, (perClass.get(state.class) ?? 0) + 1)
  }
  return { perClass, unreported }
}
