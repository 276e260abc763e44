import { parseCondition, parseConstraint, withoutVersions } from './condition-parser.ts'
import { FactsProblem } from './facts-problem.ts'
import { readFieldRows } from './known-fields.ts'
import { cell, readTsv } from './read-tsv.ts'
import type { Condition } from '../../src/arm64/condition.ts'
import type { Feature, FeatureConstraint, FeaturePlace } from '../../src/arm64/feature-row.ts'
import type { ParsedCondition, ParsedConstraint } from './condition-parser.ts'
import type { TsvRow } from './read-tsv.ts'

const AARCH32_EL0: Condition = { kind: 'feature', name: 'FEAT_AA32EL0' }

const decidable = (text: string): Condition => {
  const condition = withoutVersions(parseCondition(text))
  if (condition === undefined)
    throw new FactsProblem(`facts/feat_map.tsv: the condition ${text} compares nothing`)
  return condition
}

/** The condition under which a row says anything: after `when:`, or after `conj:` less the feature itself. */
const whenOf = (row: TsvRow): Condition | undefined => {
  const [clause = ''] = cell(row, 'notes').split(';')
  const when = /^when:(.*)$/.exec(clause)?.[1] ?? /^conj:FEAT_\w+ && (.*)$/.exec(clause)?.[1]
  return when === undefined ? undefined : decidable(when)
}

const comparisonOf = (row: TsvRow): Condition => ({
  kind: cell(row, 'cmp') === '==' ? 'equals' : 'atLeast',
  register: cell(row, 'register'),
  field: cell(row, 'field'),
  value: Number(cell(row, 'min_value')),
  signed: cell(row, 'signed') === 'signed',
})

const placeOf = (row: TsvRow, own: readonly TsvRow[]): FeaturePlace => {
  const when = whenOf(row)
  const isTwin = JSON.stringify(when ?? null).includes('FEAT_AA32')
  const place = (holds: Condition): FeaturePlace => ({
    ...(when && { when }),
    holds,
    ...(isTwin && { twin: true }),
  })
  if (cell(row, 'cmp') !== 'expr') return place(comparisonOf(row))
  const notes = cell(row, 'notes')
  if (notes.startsWith('any of')) {
    return place({
      kind: 'any',
      of: own.map((other) => ({ ...comparisonOf(other), kind: 'atLeast' }) as Condition),
    })
  }
  return place(decidable(notes.replace(/^when:[^;]*; /, '')))
}

const distinct = <T>(items: readonly T[]): readonly T[] => [
  ...new Map(items.map((item) => [JSON.stringify(item), item])).values(),
]

const twinPlace = (row: TsvRow): FeaturePlace => ({
  when: AARCH32_EL0,
  twin: true,
  holds: {
    kind: 'atLeast',
    register: cell(row, 'register'),
    field: cell(row, 'field'),
    value: Number(cell(row, 'min_value')),
    signed: false,
  },
})

const versionOf = (row: TsvRow | undefined, column: string): string | undefined => {
  const value = row && cell(row, column)
  return value === undefined || value === '-' || value === '' ? undefined : value
}

const features = (): readonly Feature[] => {
  const map = readFieldRows('feat_map')
  const deps = readTsv('feat_deps')
  const twins = readFieldRows('feat_twins')
  const names = new Set([...map, ...deps].map((row) => cell(row, 'feat')))
  const of = (rows: readonly TsvRow[], name: string): readonly TsvRow[] =>
    rows.filter((row) => cell(row, 'feat') === name)
  return [...names].sort().map((name) => {
    const own = of(map, name)
    const from = versionOf(of(deps, name)[0], 'arch_from')
    const mandatoryFrom = versionOf(of(deps, name)[0], 'arch_mandatory_from')
    return {
      name,
      places: distinct([...own.map((row) => placeOf(row, own)), ...of(twins, name).map(twinPlace)]),
      ...(from === undefined ? {} : { from }),
      ...(mandatoryFrom === undefined ? {} : { mandatoryFrom }),
    }
  })
}

const atoms = (condition: ParsedCondition): readonly ParsedCondition[] => {
  if (condition.kind === 'not') return atoms(condition.of)
  return condition.kind === 'all' || condition.kind === 'any' ? condition.of.flatMap(atoms) : [condition]
}

const constraintsOf = (row: TsvRow): readonly ParsedConstraint[] => {
  const owner: Condition = { kind: 'feature', name: cell(row, 'feat') }
  const implied = cell(row, 'implies').split(',')
  const others = cell(row, 'constraints').split(' ; ')
  return [
    ...implied
      .filter((name) => name.startsWith('FEAT_'))
      .map((name): ParsedConstraint => ({ given: owner, needs: { kind: 'feature', name } })),
    ...others.filter((text) => text !== '-' && text.trim() !== '').map(parseConstraint),
  ]
}

const judged = (constraint: ParsedConstraint, withRegister: ReadonlySet<string>): FeatureConstraint => {
  const { given, needs } = constraint
  if (needs === undefined)
    throw new FactsProblem(`facts/feat_deps.tsv: write a --> in the constraint ${JSON.stringify(given)}`)
  const all = [...atoms(given), ...atoms(needs)]
  // Versions are kept as names, so that what is not applied can be listed as Arm wrote it.
  const asNames = (condition: ParsedCondition): Condition =>
    JSON.parse(JSON.stringify(condition).replaceAll('"kind":"version"', '"kind":"feature"')) as Condition
  const plain = { given: asNames(given), needs: asNames(needs) }
  if (all.some((atom) => atom.kind === 'version')) return { ...plain, notApplied: 'architecture version' }
  const unregistered = all.some((atom) => atom.kind === 'feature' && !withRegister.has(atom.name))
  return unregistered ? { ...plain, notApplied: 'no ID register' } : plain
}

const lines = (items: readonly unknown[]): string =>
  items.map((item) => `  ${JSON.stringify(item)},`).join('\n')

/** Every FEAT_ has a place or a reason, never both: one without a field would let an illegal CPU compile in silence. */
const checkPlaces = (all: readonly Feature[]): void => {
  const unmapped = new Set(readTsv('feat_unmapped').map((row) => cell(row, 'feat')))
  const wrong = all.filter(({ name, places }) => (places.length === 0) !== unmapped.has(name))
  if (wrong.length > 0) {
    const names = wrong.map(({ name }) => name).join(', ')
    throw new FactsProblem(
      `${names}: give each a row in facts/feat_map.tsv or one in facts/feat_unmapped.tsv, and not in both`,
    )
  }
}

/** The text of `src/arm64/feature-table.generated.ts`: every FEAT_ name and what the architecture says of them together. */
export const featureTable = (): string => {
  const all = features()
  checkPlaces(all)
  const withRegister = new Set(all.filter(({ places }) => places.length > 0).map(({ name }) => name))
  const constraints = distinct(
    readTsv('feat_deps')
      .flatMap(constraintsOf)
      .map((one) => judged(one, withRegister)),
  )
  return `import type { Feature, FeatureConstraint } from './feature-row.ts'

/** Every FEAT_ name, sorted. */
export const FEATURE_TABLE: readonly Feature[] = [
${lines(all)}
]

/** What the architecture says of features; with why where a guest view cannot answer it. */
export const FEATURE_CONSTRAINTS: readonly FeatureConstraint[] = [
${lines(constraints)}
]
`
}
