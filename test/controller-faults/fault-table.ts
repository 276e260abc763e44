import { cellName, type RequestRow } from './cell.ts'
import { isDefect } from './cell-outcome.ts'
import { CONTROLLER_FAULTS, FAULT_NAMES } from './controller-fault.ts'
import { SCENARIO_NAMES, SCENARIOS, type ScenarioName } from './scenarios.ts'

const BEGIN = '<!-- made by make controller-faults -->'

/** The outcome of every cell that was made, by the cell's name. */
export type Outcomes = ReadonlyMap<string, string>

/** The requests of each scenario, in order. */
export type Rows = Readonly<Partial<Record<ScenarioName, readonly string[]>>>

/** All cells of the rows: each fault at each request. */
export const cellsOf = (rows: Rows) =>
  SCENARIO_NAMES.flatMap((scenario) =>
    (rows[scenario] ?? []).flatMap((request) => FAULT_NAMES.map((fault) => ({ scenario, request, fault }))),
  )

const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`

const table = ([head = [], ...rows]: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map(line).join('\n')

const definitions = (words: Readonly<Record<string, { readonly does: string }>>): string =>
  Object.entries(words)
    .map(([word, { does }]) => `- \`${word}\`: ${does}.`)
    .join('\n')

/** Markdown takes these for more than characters. */
const plain = (text: string): string => text.replace(/[|*_]/g, '\\$&')

const NOT_TRIED = 'not tried yet'

const cellsIn = (row: RequestRow, outcomes: Outcomes): string[] =>
  FAULT_NAMES.map((fault) => outcomes.get(cellName({ ...row, fault })) ?? NOT_TRIED)

const scenarioTable = (scenario: ScenarioName, requests: readonly string[], outcomes: Outcomes): string =>
  [
    `### \`${scenario}\``,
    table([
      ['request', ...FAULT_NAMES.map((fault) => `\`${fault}\``)],
      ...requests.map((request) => [
        `\`${request}\``,
        ...cellsIn({ scenario, request }, outcomes).map(plain),
      ]),
    ]),
  ].join('\n\n')

/** The number of cells per outcome, the most frequent first. */
const summary = (rows: Rows, outcomes: Outcomes): string => {
  const all = cellsOf(rows).map((cell) => outcomes.get(cellName(cell)) ?? NOT_TRIED)
  const missing = all.filter((outcome) => outcome === NOT_TRIED).length
  const wrong = all.filter(isDefect).length
  const counts = [...Map.groupBy(all, (outcome) => outcome)].toSorted(([, a], [, b]) => b.length - a.length)
  return [
    `${all.length} cells: ${FAULT_NAMES.length} faults at each of ${all.length / FAULT_NAMES.length} requests. ` +
      (missing === 0 ? '' : `${missing} of them were not tried yet. `) +
      (wrong === 0 ? 'No outcome is a bug.' : `Outcomes that are bugs: ${wrong}.`),
    table([['outcome', 'cells'], ...counts.map(([outcome, of]) => [plain(outcome), String(of.length)])]),
  ].join('\n\n')
}

/** The results in Markdown: scenarios, faults, the number of cells per outcome, and a table for each scenario. */
export const faultReport = (rows: Rows, outcomes: Outcomes): string =>
  [
    '## Scenarios',
    definitions(SCENARIOS),
    '## Faults',
    definitions(CONTROLLER_FAULTS),
    '## Outcomes per number',
    summary(rows, outcomes),
    '## Every request',
    ...SCENARIO_NAMES.map((scenario) => scenarioTable(scenario, rows[scenario] ?? [], outcomes)),
  ].join('\n\n')

/** The page with this report instead of its present one. Throws if the page has no place for it. */
export const withFaultReport = (page: string, report: string): string => {
  const at = page.indexOf(BEGIN)
  if (at === -1) throw new Error(`docs/controller-faults.md lacks ${BEGIN}`)
  return `${page.slice(0, at)}${BEGIN}\n\n${report}\n`
}
