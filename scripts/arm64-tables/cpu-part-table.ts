import { cell, readTsv } from './read-tsv.ts'
import type { TsvRow } from './read-tsv.ts'

const entry = (row: TsvRow): string =>
  `  [${cell(row, 'implementer')}, ${cell(row, 'part') === '-' ? 'undefined' : cell(row, 'part')}, '${cell(row, 'name')}'],`

/** The text of `src/arm64/cpu-part-table.generated.ts`. */
export const cpuPartTable = (): string => `
/** Implementers and their parts: [MIDR_EL1.Implementer, MIDR_EL1.PartNum, name]; without a part it is the implementer's name. */
export const CPU_PARTS: readonly (readonly [implementer: number, part: number | undefined, name: string])[] = [
${readTsv('cpu_parts').map(entry).join('\n')}
]
`
