import { FAULTS } from './fault-cell.ts'
import type { Step } from './fault-cell.ts'

const BEGIN = '<!-- made by make faults -->'

/** A table in Markdown: a row a call, a column a fault. `cells` by number and fault; what was not seen is `?`. */
export const faultTable = (steps: readonly Step[], cells: ReadonlyMap<string, string>): string => {
  const rows = steps.map(({ number, call }) => [
    String(number),
    call,
    ...FAULTS.map((fault) => cells.get(`${number} ${fault}`) ?? '?'),
  ])
  const lines = [['', 'before the call', ...FAULTS], ['---', '---', ...FAULTS.map(() => '---')], ...rows]
  return lines.map((line) => `| ${line.join(' | ')} |`).join('\n')
}

/** The cells of the table that a page has, by number and fault. */
export const cellsOf = (page: string): Map<string, string> =>
  new Map(
    page
      .split('\n')
      .map((line) => line.split('|').map((cell) => cell.trim()))
      .filter(([, number = '']) => /^\d+$/.test(number))
      .flatMap(([, number = '', , ...outcomes]) =>
        FAULTS.map((fault, index): [string, string] => [`${number} ${fault}`, outcomes[index] ?? '?']),
      ),
  )

/** The page with this table in place of the one it has. Throws where it has no place for it. */
export const withTable = (page: string, table: string): string => {
  const at = page.indexOf(BEGIN)
  if (at === -1) throw new Error(`docs/faults.md lacks ${BEGIN}`)
  return `${page.slice(0, at)}${BEGIN}\n\n${table}\n`
}
