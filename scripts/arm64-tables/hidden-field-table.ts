import { cell, readTsv } from './read-tsv.ts'
import type { TsvRow } from './read-tsv.ts'

const entry = (row: TsvRow): string =>
  `  [${cell(row, 'implementer')}, ${cell(row, 'part')}, '${cell(row, 'register')}', '${cell(row, 'field')}', ${cell(row, 'value')}],`

/** The text of `src/arm64/hidden-field-table.generated.ts`. */
export const hiddenFieldTable = (): string => `
/** Fields of parts that no register shows to a guest: [MIDR_EL1.Implementer, MIDR_EL1.PartNum, register, field, the hardware's value]. */
export const HIDDEN_FIELDS: readonly (readonly [
  implementer: number,
  part: number,
  register: string,
  field: string,
  value: number,
])[] = [
${readTsv('hidden_fields').map(entry).join('\n')}
]
`
