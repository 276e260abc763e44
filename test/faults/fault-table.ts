import { BAD_OUTCOMES, GOOD_OUTCOMES, isFaulty } from './cell-outcome.ts'
import { cellName, FAULT_NAMES, FAULTS } from './fault.ts'
import type { Step } from './launch-steps.ts'

const BEGIN = '<!-- made by make faults -->'
const BEGIN_CONDITIONS = '<!-- made by make faults, of other hosts and VMMs -->'

/** The outcome of every cell, by the cell's name. */
export type Outcomes = ReadonlyMap<string, string>

const table = (lines: readonly (readonly string[])[]): string => {
  const [head = [], ...rows] = lines
  return [head, head.map(() => '---'), ...rows].map((line) => `| ${line.join(' | ')} |`).join('\n')
}

const definitions = (words: Readonly<Record<string, string>>): string =>
  Object.entries(words)
    .map(([word, meaning]) => `- \`${word}\`: ${meaning}`)
    .join('\n')

/** The number of cells per outcome and fault. */
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
    `${cells.length} launches: ${FAULT_NAMES.length} faults before each of ${steps.length} system calls. ` +
      (faulty === 0 ? 'No outcome is a bug.' : `${faulty} outcomes are bugs.`),
    table([['outcome', 'launches', ...FAULT_NAMES], ...rows]),
  ].join('\n\n')
}

/** The results in Markdown: an explanation of faults and outcomes, the number of launches per outcome, and a row per call. */
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
    'A launch may end in one of these ways:',
    definitions(GOOD_OUTCOMES),
    'Each of these outcomes is a bug in cpufeatures, and `make faults` fails on any of them:',
    definitions(BAD_OUTCOMES),
    '## Number of launches per outcome',
    summary(steps, outcomes),
    '## Every call',
    table([['', 'serving', 'before the supervisor', ...FAULT_NAMES], ...rows]),
  ].join('\n\n')
}

/** The page with this report instead of its present one. Throws if the page has no place for it. */
export const withReport = (page: string, report: string): string => {
  const at = page.indexOf(BEGIN)
  if (at === -1) throw new Error(`docs/faults.md lacks ${BEGIN}`)
  return `${page.slice(0, at)}${BEGIN}\n\n${report}\n`
}

/** The page with this report of other hosts and VMMs instead of its present one. Throws if the page has no place for it. */
export const withConditionReport = (page: string, report: string): string => {
  const [from, to] = [page.indexOf(BEGIN_CONDITIONS), page.indexOf(BEGIN)]
  if (from === -1 || to < from) throw new Error(`docs/faults.md lacks ${BEGIN_CONDITIONS} before ${BEGIN}`)
  return `${page.slice(0, from)}${BEGIN_CONDITIONS}\n\n${report}\n\n${page.slice(to)}`
}
