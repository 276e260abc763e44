import { namesWithMore } from '../../catalogue/names-with-more.ts'
import type { ChangeReport } from '../change/change-report.ts'
import { outputWidth, renderItem, wrapText } from './render-table.ts'
import { vmsTable } from './vms-table.ts'

const count = (number: number, what: string): string => `${number} ${what}${number === 1 ? '' : 's'}`

const MOST_NODES = 5

const names = (nodes: readonly string[]): string => namesWithMore(nodes, MOST_NODES)

const profileLines = ({ profile, before, after, why }: ChangeReport): readonly string[] => {
  if (profile === undefined) return []
  const now =
    before === undefined ? 'no revision yet' : `${before.revision}, which fits ${count(before.nodes, 'node')}`
  if (after === undefined) {
    const serves =
      before === undefined ? 'no pod of it could start' : `new VM pods would go on getting ${before.revision}`
    return [`Profile ${profile} would not compile, so ${serves}: ${why ?? ''}`]
  }
  if (after.revision === before?.revision) return [`Profile ${profile} stays as it is: ${now}.`]
  return [
    `Profile ${profile}: new VM pods would get ${after.revision}, which fits ${count(after.nodes, 'node')}. Now: ${now}.`,
  ]
}

const writesText = ({ writes }: ChangeReport): string =>
  writes.revisions === 0
    ? 'The controller would write no revision and no node.'
    : `The controller would write ${count(writes.revisions, 'revision')}, the status of the profile, and ` +
      `labels of ${count(writes.nodes, 'node')}.`

const vmText = ({ vms, drained, profile }: ChangeReport): string => {
  const of = profile === undefined ? '' : ` of profile ${profile}`
  const keep = profile === undefined ? '' : ' They keep their revision.'
  const move = drained.length === 0 ? '' : ` ${vms.toMove} must leave ${names(drained)}.`
  return `Running VMs${of}: ${vms.running}.${keep}${move}`
}

/** What a change would do, for people. */
export const changeTable = (report: ChangeReport, wide: boolean): readonly string[] => {
  const { lost, gained, vms } = report
  return [
    ...[
      ...profileLines(report),
      vmText(report),
      ...(report.profile === undefined ? [] : [writesText(report)]),
    ].flatMap((text) => wrapText(text, outputWidth())),
    ...(lost.length === 0 ? [] : ['', 'Nodes that would no longer fit:']),
    ...lost.flatMap((one) => renderItem('  - ', `class ${one.class} (${names(one.nodes)}): ${one.why}`)),
    ...(gained.length === 0 ? [] : ['', `Nodes that would fit in addition: ${names(gained)}`]),
    '',
    ...(vms.stranded.length === 0
      ? ['Each running VM would have another node to go to.']
      : [
          `${count(vms.stranded.length, 'VM')} would have no other node to go to:`,
          ...vmsTable(vms.stranded, wide),
        ]),
  ]
}
