import { readFileSync } from 'node:fs'

/** A row of a table: every column of the header has a value (possibly '' or '-'). */
export type TsvRow = Readonly<Record<string, string>>

/** Reads `facts/<name>.tsv` and gives its rows by column name. Throws if the file or a column is missing. */
export const readTsv = (name: string): readonly TsvRow[] => {
  const text = readFileSync(new URL(`../../facts/${name}.tsv`, import.meta.url), 'utf8')
  const [header = '', ...lines] = text.trimEnd().split('\n')
  const columns = header.split('\t')
  return lines.map((line) => {
    const cells = line.split('\t')
    return Object.fromEntries(columns.map((column, index) => [column, cells[index] ?? '']))
  })
}

/** The cell of a column that must exist. */
export const cell = (row: TsvRow, column: string): string => {
  const value = row[column]
  if (value === undefined) throw new Error(`no column ${column} in a table of facts`)
  return value
}
