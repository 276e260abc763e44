import { FactsProblem } from './facts-problem.ts'
import { readFieldRows } from './known-fields.ts'
import { cell, readTsv } from './read-tsv.ts'
import type { TsvRow } from './read-tsv.ts'
import type { RegisterTrait } from '../../src/arm64/register-row.ts'

const RULES: Readonly<Record<string, string>> = {
  LOWER_SAFE: 'LowerSafe',
  HIGHER_SAFE: 'HigherSafe',
  HIGHER_OR_ZERO_SAFE: 'HigherOrZero',
  EXACT: 'Exact',
}

const TRAITS: readonly (readonly [column: string, trait: RegisterTrait])[] = [
  ['given', 'Given'],
  ['aarch32', 'AArch32'],
  ['implementation_id', 'ImplementationId'],
  ['taken_whole', 'TakenWhole'],
  ['no_default', 'NoDefault'],
  ['per_vcpu', 'PerVcpu'],
]

const key = (row: TsvRow): string => `${cell(row, 'register')}.${cell(row, 'field')}`

const byKey = (rows: readonly TsvRow[]): ReadonlyMap<string, TsvRow> =>
  new Map(rows.map((row) => [key(row), row]))

const ruleOf = (table: string, row: TsvRow | undefined, column: string): string => {
  if (row === undefined) return 'None'
  const rule = RULES[cell(row, column)]
  if (rule !== undefined) return rule
  const known = Object.keys(RULES).join(', ')
  throw new FactsProblem(
    `facts/${table}.tsv, ${key(row)}: ${column} is ${cell(row, column)}; write one of ${known}`,
  )
}

const isReserved = (row: TsvRow): boolean => ['RES0', 'RES1', 'RAZ'].includes(cell(row, 'field'))

const enumeration = (values: string): string =>
  values
    .split(',')
    .filter((entry) => entry.includes('='))
    .join(',')

const fieldTuple = (row: TsvRow, ftr: TsvRow | undefined, override: TsvRow | undefined): string => {
  const lsb = Number(cell(row, 'lsb'))
  const width = Number(cell(row, 'msb')) - lsb + 1
  const signedness = ftr === undefined ? (row['signedness'] ?? '') : cell(ftr, 'sign')
  const rule =
    override === undefined ? ruleOf('ftr_bits', ftr, 'type') : ruleOf('kvm_rule_overrides', override, 'rule')
  const tuple = [
    cell(row, 'field'),
    lsb,
    width,
    signedness === 'signed',
    rule,
    ftr === undefined ? 0 : Number(cell(ftr, 'safe_val')),
    enumeration(cell(row, 'values')),
  ]
  return JSON.stringify(tuple)
}

const traitsOf = (row: TsvRow | undefined, register: string): readonly RegisterTrait[] => {
  if (row === undefined) {
    const fix =
      'add one that says what is special about the register, with - in each column that does not apply'
    throw new FactsProblem(
      `facts/registers.tsv has no row for ${register}, which facts/sysreg_fields.tsv has: ${fix}`,
    )
  }
  return TRAITS.filter(([column]) => cell(row, column) === 'y').map(([, trait]) => trait)
}

/** The text of `src/arm64/register-table.generated.ts`: every named register of the feature ID space with its fields. */
export const registerTable = (): string => {
  const ftrBits = byKey(readFieldRows('ftr_bits'))
  const overrides = byKey(readFieldRows('kvm_rule_overrides'))
  const additions = readTsv('field_additions')
  const registers = new Map(readTsv('registers').map((row) => [cell(row, 'register'), row]))
  const rows = readTsv('sysreg_fields')
  const lines = [...new Set(rows.map((row) => cell(row, 'register')))].map((register) => {
    const own = rows.filter((row) => cell(row, 'register') === register)
    const [first] = own
    if (first === undefined) throw new Error(`no rows of ${register}`)
    const fields = [...own, ...additions.filter((row) => cell(row, 'register') === register)]
      .filter((row) => !isReserved(row))
      .sort((a, b) => Number(cell(b, 'lsb')) - Number(cell(a, 'lsb')))
      .map((row) => `    ${fieldTuple(row, ftrBits.get(key(row)), overrides.get(key(row)))},`)
    const encoding = ['op1', 'crm', 'op2'].map((column) => cell(first, column)).join(', ')
    const traits = JSON.stringify(traitsOf(registers.get(register), register))
    return [`  ['${register}', ${encoding}, ${traits}, [`, ...fields, '  ]],'].join('\n')
  })
  return `import type { RegisterRow } from './register-row.ts'

/** Every named register of the feature ID space. */
export const REGISTER_TABLE: readonly RegisterRow[] = [
${lines.join('\n')}
]
`
}
