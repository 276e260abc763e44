import type { ClusterStatus, Problem } from '../status/cluster-status.ts'
import { POD_STATES, type PodState } from '../status/vm-pod.ts'
import { outputWidth, renderItem, renderTable, wrapText } from './render-table.ts'

/** As many as fit a screen; `wide` shows all. */
const MOST_PROBLEMS = 15

const componentRows = ({ components, leader }: ClusterStatus): readonly (readonly string[])[] =>
  components.map(({ namespace, name, ready, wanted }) => [
    `${namespace}/${name}`,
    `${ready}/${wanted}`,
    name === 'cpufeatures-controller' && leader !== undefined ? `leader: ${leader}` : '',
  ])

const nodeText = ({ nodes: { arm64, reported, probed, serving } }: ClusterStatus): string =>
  `arm64 nodes: ${arm64} (with a report: ${reported}; with a KVM that profiles can use: ${probed}; serving VM pods: ${serving}).`

const podText = ({ pods }: ClusterStatus): string => {
  const counts = Object.entries(pods) as [PodState, number][]
  const all = counts.reduce((sum, [, count]) => sum + count, 0)
  const each = counts.map(([state, count]) => `${POD_STATES[state]}: ${count}`).join('; ')
  return all === 0 ? 'VM pods: none.' : `VM pods: ${all} (${each}).`
}

/** A command stands on a line of its own, however long, so that it can be copied. */
const problemLines = ({ about, what, remedy = '' }: Problem): readonly string[] => {
  const isCommand = remedy.startsWith('kubectl ')
  const text = `${about}: ${what}${remedy === '' || isCommand ? '' : `. ${remedy}`}`
  return [...renderItem('  - ', text), ...(isCommand ? [`      ${remedy}`] : [])]
}

/** How cpufeatures stands, for people: one screen, the problems last; `wide` shows all of them. */
export const statusTable = (status: ClusterStatus, wide: boolean): readonly string[] => {
  const { problems, components, profiles } = status
  const shown = wide ? problems : problems.slice(0, MOST_PROBLEMS)
  const more = problems.length - shown.length
  return [
    ...(components.length === 0
      ? []
      : [...renderTable(['COMPONENT', 'READY', ''], componentRows(status)), '']),
    ...wrapText(nodeText(status), outputWidth()),
    ...wrapText(podText(status), outputWidth()),
    '',
    ...(profiles.length === 0
      ? ['Profiles: none.']
      : renderTable(
          ['PROFILE', 'READY', 'NODES', 'REVISION', 'REASON'],
          profiles.map(({ name, ready, nodes = '', revision = '', reason }) => [
            name,
            ready,
            nodes,
            revision,
            reason,
          ]),
        )),
    '',
    ...(problems.length === 0 ? ['No problem found.'] : ['Problems:']),
    ...shown.flatMap(problemLines),
    ...(more > 0 ? [`  and ${more} more: -o wide`] : []),
  ]
}
