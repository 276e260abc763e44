import { POD_STATES } from '../status/vm-pod.ts'
import type { VmRow } from '../vms/vm-report.ts'
import { renderItem, renderTable } from './render-table.ts'

const MOST_CLASSES = 3

/** What keeps VMs from every other node, those alike together. */
const strandedLines = (rows: readonly VmRow[], wide: boolean): readonly string[] => {
  const stranded = rows.filter(({ closed }) => closed !== undefined)
  const alike = Map.groupBy(stranded, ({ revision = '', closed = [] }) => JSON.stringify([revision, closed]))
  return [...alike.values()].flatMap((group) => {
    const closed = group[0]?.closed ?? []
    const shown = wide ? closed : closed.slice(0, MOST_CLASSES)
    const more = closed.length - shown.length
    const names = group.map(({ namespace, name }) => `${namespace}/${name}`).join(', ')
    return [
      '',
      ...renderItem('', `No other node can take ${names}:`),
      ...(closed.length === 0 ? ['  - no node is left that it fits'] : []),
      ...shown.flatMap((one) =>
        renderItem('  - ', `class ${one.class} (${one.nodes} node${one.nodes === 1 ? '' : 's'}): ${one.why}`),
      ),
      ...(more > 0 ? [`  and ${more} more classes: -o wide`] : []),
    ]
  })
}

/** VM pods for people: where each stands and how many other nodes could take it; `wide` adds revision and proof. */
export const vmsTable = (rows: readonly VmRow[], wide: boolean): readonly string[] => {
  if (rows.length === 0) return ['There is no VM pod with a profile.']
  const header = ['POD', 'PROFILE', 'NODE', 'STATE', 'OTHER NODES', ...(wide ? ['REVISION', 'PROOF'] : [])]
  return [
    ...renderTable(
      header,
      rows.map(
        ({ namespace, name, profile, node = '-', state, otherNodes = '-', revision = '-', proof = '-' }) => [
          ...[`${namespace}/${name}`, profile, node, POD_STATES[state], String(otherNodes)],
          ...(wide ? [revision, proof] : []),
        ],
      ),
    ),
    ...strandedLines(rows, wide),
  ]
}
