import { fromHex64, toHex64 } from '../../src/api/hex64.ts'
import { streamClassOf, streamRegisterName } from '../../src/arm64/stream-registers.ts'
import type { ReplayCell, ReplayHost } from './replay-cell.ts'
import { contradiction } from './replay-cell.ts'
import type { ReplayAnswer } from './replay-job.ts'
import { registerClasses } from './register-classes.ts'

export type ReplayedCell = { readonly cell: ReplayCell; readonly happened: ReplayAnswer | undefined }

const happenedText = (answer: ReplayAnswer | undefined): string => {
  if (answer === undefined || 'wrong' in answer || 'stream' in answer) return 'not replayed'
  return 'refused' in answer
    ? `refused ${answer.refused} ${streamRegisterName(fromHex64(answer.refused)) ?? ''}`
    : 'taken'
}

/** What is wrong with a cell. */
export const cellFault = ({ cell, happened }: ReplayedCell): string | undefined =>
  happened === undefined ? 'it was not replayed' : contradiction(cell, happened)

const firstRefused = (happened: ReplayAnswer | undefined): string => {
  if (happened === undefined || !('refused' in happened)) return ''
  const id = fromHex64(happened.refused)
  const what =
    happened.errno === 'not listed' ? 'not listed by the destination' : `refused with ${happened.errno}`
  return `${streamClassOf(id) ?? 'unclassified'}: ${streamRegisterName(id) ?? toHex64(id)}, ${what}`
}

const counted = (lines: readonly string[]): string[] =>
  [...Map.groupBy(lines, (line) => line)]
    .toSorted(([, a], [, b]) => b.length - a.length)
    .map(([line, of]) => `${String(of.length).padStart(6)} ${line}`)

/** A line for each cell, then what is wrong, what refused first, the classes of the registers, and the counts. */
export const replayReport = (replayed: readonly ReplayedCell[], hosts: readonly ReplayHost[]): string[] => {
  const faults = replayed.flatMap((one) => {
    const { cell } = one
    const fault = cellFault(one)
    return fault === undefined ? [] : [`WRONG ${cell.from} to ${cell.to}, ${cell.terms}: ${fault}`]
  })
  const classes = registerClasses(hosts.map(({ document }) => document))
  const pairs = new Set(replayed.map(({ cell }) => `${cell.from} ${cell.to}`))
  return [
    ...replayed.map(
      ({ cell: { from, to, terms, predicted }, happened }) =>
        `${from.padEnd(20)} ${to.padEnd(20)} ${terms.padEnd(12)} ${predicted.padEnd(8)} ${happenedText(happened)}`,
    ),
    ...faults,
    '',
    'The first register that a destination did not take:',
    ...counted(replayed.map(({ happened }) => firstRefused(happened)).filter((line) => line !== '')),
    '',
    'Cells by plan, as predicted:',
    ...counted(replayed.map(({ cell: { terms, predicted } }) => `${terms}: ${predicted}`)).sort(),
    '',
    'Ids that KVM_GET_REG_LIST gives, by class:',
    ...[...classes].map(([name, ids]) => `${String(ids.length).padStart(6)} ${name}`),
    ...(classes.get('unclassified') ?? []).map((id) => `UNCLASSIFIED ${id}`),
    '',
    `${hosts.length} hosts, ${pairs.size} ordered pairs with a plan that both fit, ${replayed.length} cells, ` +
      `${replayed.length - faults.length} as predicted, ${faults.length} not`,
  ]
}
