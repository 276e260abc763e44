import { BAD_OUTCOMES, GOOD_OUTCOMES, isFaulty } from './cell-outcome.ts'
import { cellName, FAULT_NAMES, FAULTS } from './fault.ts'
import type { Step } from './launch-steps.ts'

const BEGIN = '<!-- made by make faults -->'

/** What every cell came to, by its name. */
export type Outcomes = ReadonlyMap<string, string>

const table = (lines: readonly (readonly string[])[]): string => {
  const [head = [], ...rows] = lines
  return [head, head.map(() => '---'), ...rows].map((line) => `| ${line.join(' | ')} |`).join('\n')
}

const definitions = (words: Readonly<Record<string, string>>): string =>
  Object.entries(words)
    .map(([word, meaning]) => `- \`${word}\`: ${meaning}`)
    .join('\n')

/** How many cells came to what, by fault. */
const summary = (steps: readonly Step[], outcomes: Outcomes): string => {
  const cells = steps.flatMap((step) =>
    FAULT_NAMES.map((fault) => ({
      fault,
      outcome: outcomes.get(cellName({ fault, number: step.number })) ?? '?',
    })),
  )
  const counts = [...Map.groupBy(cells, ({ outcome }) => outcome)].toSorted(
    ([, a], [, b]) => b.length - a.length,
  )
  const rows = counts.map(([outcome, of]) => [
    outcome,
    String(of.length),
    ...FAULT_NAMES.map((fault) => String(of.filter((cell) => cell.fault === fault).length || '')),
  ])
  const faulty = cells.filter(({ outcome }) => isFaulty(outcome)).length
  return [
    `${cells.length} launches: ${steps.length} calls, ${FAULT_NAMES.length} faults; ${faulty === 0 ? 'none of them came to what no launch may come to' : `${faulty} came to what no launch may come to`}.`,
    table([['outcome', 'launches', ...FAULT_NAMES], ...rows]),
  ].join('\n\n')
}

/** What was tried and what it came to, in Markdown: faults and outcomes explained, how many came to what, a row a call. */
export const faultReport = (steps: readonly Step[], outcomes: Outcomes): string => {
  const rows = steps.map(({ number, serves, does }) => [
    String(number),
    serves,
    does,
    ...FAULT_NAMES.map((fault) => outcomes.get(cellName({ fault, number })) ?? '?'),
  ])
  return [
    '## Faults',
    definitions(FAULTS),
    '## Outcomes',
    'What a launch may come to:',
    definitions(GOOD_OUTCOMES),
    '`make faults` fails on any of these, which are faults of ours:',
    definitions(BAD_OUTCOMES),
    '## How many came to what',
    summary(steps, outcomes),
    '## Every call',
    table([['', 'serving', 'before the supervisor', ...FAULT_NAMES], ...rows]),
  ].join('\n\n')
}

/** The page with this report in place of the one it has. Throws where it has no place for it. */
export const withReport = (page: string, report: string): string => {
  const at = page.indexOf(BEGIN)
  if (at === -1) throw new Error(`docs/faults.md lacks ${BEGIN}`)
  return `${page.slice(0, at)}${BEGIN}\n\n${report}\n`
}
