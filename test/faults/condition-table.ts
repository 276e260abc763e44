import { HOST_CONDITIONS } from '../host/vmms/host-condition.ts'
import type { HostConditionName } from '../host/vmms/host-condition.ts'
import { isFaulty } from './cell-outcome.ts'
import type { Outcomes } from './fault-table.ts'
import { FAULT_NAMES } from './fault.ts'
import { LAUNCH_SHAPE_NAMES, LAUNCH_SHAPES } from './launch-shape.ts'
import type { ShapeLaunch } from './shape-launch.ts'

/** What a supervisor may find on a host; a pid namespace of its own is tried by test/host/vmms alone. */
export const FAULT_CONDITIONS = (Object.keys(HOST_CONDITIONS) as HostConditionName[]).filter(
  (name) => name !== 'in a pid namespace of its own',
)

/** A launch of a shape under a condition, with a fault at one of `moments` evenly spaced calls of its supervisor; the first is 0. */
export type ConditionCell = ShapeLaunch & {
  readonly fault: (typeof FAULT_NAMES)[number]
  readonly moment: number
}

export const conditionCellName = ({ condition, shape, fault, moment }: ConditionCell): string =>
  [condition, shape, fault, moment].join('/')

/** Every cell of a run with so many moments. */
export const conditionCells = (moments: number): ConditionCell[] =>
  FAULT_CONDITIONS.flatMap((condition) =>
    LAUNCH_SHAPE_NAMES.flatMap((shape) =>
      FAULT_NAMES.flatMap((fault) =>
        Array.from({ length: moments }, (_, moment) => ({ condition, shape, fault, moment })),
      ),
    ),
  )

const countsOf = (outcomes: readonly string[]): string =>
  [...Map.groupBy(outcomes, (outcome) => outcome)]
    .toSorted(([, a], [, b]) => b.length - a.length)
    .map(([outcome, of]) => `${of.length} ${outcome}`)
    .join(', ')

/** The results in Markdown: shapes by conditions, how many launches had which outcome. */
export const conditionReport = (cells: readonly ConditionCell[], outcomes: Outcomes): string => {
  const outcomeOf = (cell: ConditionCell): string => outcomes.get(conditionCellName(cell)) ?? '?'
  const rows = LAUNCH_SHAPE_NAMES.map((shape) => [
    shape,
    ...FAULT_CONDITIONS.map((condition) =>
      countsOf(cells.filter((one) => one.shape === shape && one.condition === condition).map(outcomeOf)),
    ),
  ])
  const head = ['the VMM', ...FAULT_CONDITIONS]
  const faulty = cells.filter((cell) => isFaulty(outcomeOf(cell))).length
  return [
    '## Other hosts, other VMMs',
    'In these launches, each fault happens before a few of the system calls, at equal distances over the launch. ' +
      'The VMM does one of the following:',
    LAUNCH_SHAPE_NAMES.map((shape) => `- \`${shape}\`: ${LAUNCH_SHAPES[shape].does}`).join('\n'),
    `${cells.length} launches. ${faulty === 0 ? 'No outcome is a bug.' : `${faulty} outcomes are bugs.`}`,
    [head, head.map(() => '---'), ...rows].map((line) => `| ${line.join(' | ')} |`).join('\n'),
  ].join('\n\n')
}
