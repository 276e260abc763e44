import { fieldName } from '../../arm64/field-ref.ts'
import { renderFinding } from '../../compatibility/render-finding.ts'
import type { BaselineReport } from '../answers/baseline-report.ts'
import { classLabel, classRows, CLASS_HEADER } from '../input/named-class.ts'
import { renderItem, renderTable } from './render-table.ts'
import { reachLines } from './check-table.ts'

type Common = Extract<BaselineReport, { kind: 'common' }>

const loweredLines = ({ lowered }: Common): readonly string[] => {
  if (lowered.length === 0) return ['', 'Every host shows this view already; nothing is lowered.']
  const rows = lowered.map(({ register, field, common, from, classes, features }) => [
    fieldName({ register, field }),
    common,
    from,
    classes.map(classLabel).join(', '),
    features.join(', '),
  ])
  return ['', ...renderTable(['LOWERED', 'TO', 'FROM', 'ON', 'FEATURES'], rows)]
}

const commonLines = (report: Common, wide: boolean): readonly string[] => {
  const { members, leftOut, tolerated, pairs } = report
  const rows = classRows([...members, ...leftOut]).map((row, index) => [
    ...row,
    index < members.length ? 'member' : 'left out',
  ])
  return [
    ...renderTable([...CLASS_HEADER, ''], rows),
    ...loweredLines(report),
    ...(tolerated.length === 0
      ? []
      : [
          '',
          ...renderTable(
            ['TOLERATED', 'KIND'],
            tolerated.map((one) => [fieldName(one), one.kind]),
          ),
        ]),
    ...reachLines(pairs, wide),
  ]
}

/** A baseline for people. */
export const baselineLines = (report: BaselineReport, wide: boolean): readonly string[] => {
  if (report.kind === 'common') return commonLines(report, wide)
  const { classes, message, findings, subsets } = report
  return [
    ...renderTable(CLASS_HEADER, classRows(classes)),
    '',
    ...renderItem('', message),
    ...findings.flatMap((finding) => renderItem('  - ', renderFinding(finding))),
    ...(subsets.length === 0 ? [] : ['', 'The largest sets of hosts that have one:']),
    ...subsets.flatMap((subset) => renderItem('  - ', subset.map(classLabel).join(', '))),
  ]
}
