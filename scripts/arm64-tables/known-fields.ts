import { FactsProblem } from './facts-problem.ts'
import { cell, readTsv } from './read-tsv.ts'
import type { TsvRow } from './read-tsv.ts'

// Arm and Linux write some names in different case: TGRAN4 and TGran4.
const known = new Set(
  [...readTsv('sysreg_fields'), ...readTsv('field_additions')]
    .flatMap((row) => [`${cell(row, 'register')}.${cell(row, 'field')}`, `${cell(row, 'register')}.*`])
    .map((name) => name.toLowerCase()),
)

/** The rows of `facts/<table>.tsv`, of which each names a field of a register (`*`: all of them). */
export const readFieldRows = (table: string): readonly TsvRow[] => {
  const rows = readTsv(table)
  for (const row of rows) {
    const name = `${cell(row, 'register')}.${cell(row, 'field')}`
    if (known.has(name.toLowerCase())) continue
    throw new FactsProblem(
      `facts/${table}.tsv, ${name}: facts/sysreg_fields.tsv has no such field; add it there, or correct the name`,
    )
  }
  return rows
}
