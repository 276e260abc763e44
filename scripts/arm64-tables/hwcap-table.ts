import { cell, readTsv } from './read-tsv.ts'
import type { Condition } from '../../src/arm64/condition.ts'
import type { Hwcap } from '../../src/arm64/feature-row.ts'
import type { TsvRow } from './read-tsv.ts'

const signedFields = new Set(
  readTsv('ftr_bits')
    .filter((row) => cell(row, 'sign') === 'signed')
    .map((row) => `${cell(row, 'register')}.${cell(row, 'field')}`),
)

const comparisonOf = (row: TsvRow): Condition => ({
  kind: 'atLeast',
  register: cell(row, 'register'),
  field: cell(row, 'field'),
  value: Number(cell(row, 'value')),
  signed: signedFields.has(`${cell(row, 'register')}.${cell(row, 'field')}`),
})

const namesOf = (row: TsvRow): readonly string[] =>
  cell(row, 'feat')
    .split(',')
    .filter((name) => name.startsWith('FEAT_'))

/** The features a HWCAP stands for: of `and` rows the last says what is special, of `or` rows what they share, if anything. */
const featuresOf = (rows: readonly TsvRow[]): readonly string[] => {
  const lists = rows.map(namesOf).filter((names) => names.length > 0)
  const [first = []] = lists
  if (rows[0] === undefined || cell(rows[0], 'rows_combine') !== 'or') return lists.at(-1) ?? []
  const shared = first.filter((name) => lists.every((names) => names.includes(name)))
  return shared.length > 0 ? shared : [...new Set(lists.flat())]
}

const hwcapOf = (name: string, rows: readonly TsvRow[]): Hwcap => {
  const [first] = rows
  if (first === undefined) throw new Error(`no rows of ${name}`)
  const plain = { name, cpuinfoName: cell(first, 'cpuinfo_name'), features: featuresOf(rows) }
  if (cell(first, 'register') === '-') return { ...plain, ofKernel: cell(first, 'of_kernel') }
  const of = rows.map(comparisonOf)
  const [only] = of
  if (of.length === 1 && only !== undefined) return { ...plain, condition: only }
  return { ...plain, condition: { kind: cell(first, 'rows_combine') === 'or' ? 'any' : 'all', of } }
}

/** The text of `src/arm64/hwcap-table.generated.ts`. */
export const hwcapTable = (): string => {
  const rows = readTsv('hwcap_map')
  const names = [...new Set(rows.map((row) => cell(row, 'hwcap')))]
  const lines = names.map((name) =>
    hwcapOf(
      name,
      rows.filter((row) => cell(row, 'hwcap') === name),
    ),
  )
  return `import type { Hwcap } from './feature-row.ts'

/** Linux's HWCAPs, in the order of their bits. */
export const HWCAP_TABLE: readonly Hwcap[] = [
${lines.map((line) => `  ${JSON.stringify(line)},`).join('\n')}
]
`
}
