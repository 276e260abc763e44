import { readFileSync } from 'node:fs'
import { FactsProblem } from './facts-problem.ts'

/** A row of a table: every column of the header has a value (possibly '' or '-'). */
export type TsvRow = Readonly<Record<string, string>>

/** Reads `facts/<name>.tsv` and gives its rows by column name. Throws if a row has more or fewer cells than the header. */
export const readTsv = (name: string): readonly TsvRow[] => {
  const text = readFileSync(new URL(`../../facts/${name}.tsv`, import.meta.url), 'utf8')
  const [header = '', ...lines] = text.trimEnd().split('\n')
  const columns = header.split('\t')
  return lines.map((line, index) => {
    const cells = line.split('\t')
    if (cells.length !== columns.length) {
      const place = `facts/${name}.tsv, line ${index + 2} ("${cells.slice(0, 2).join(' ')} ...")`
      throw new FactsProblem(
        `${place} has ${cells.length} cells and the header ${columns.length}: separate them by tabs, and write - for an empty one`,
      )
    }
    return Object.fromEntries(columns.map((column, index) => [column, cells[index] ?? '']))
  })
}

/** The cell of a column that must exist. */
export const cell = (row: TsvRow, column: string): string => {
  const value = row[column]
  if (value === undefined)
    throw new FactsProblem(
      `a table of facts has no column ${column}: add it to its header, see facts/README.md`,
    )
  return value
}
