import { cell, readTsv } from './read-tsv.ts'
import type { TsvRow } from './read-tsv.ts'

const knownFields = new Set(
  [...readTsv('sysreg_fields'), ...readTsv('field_additions')].flatMap((row) => [
    `${cell(row, 'register')}.${cell(row, 'field')}`,
    `${cell(row, 'register')}.*`,
  ]),
)

const checked = (table: string, row: TsvRow): TsvRow => {
  const name = `${cell(row, 'register')}.${cell(row, 'field')}`
  if (!knownFields.has(name))
    throw new Error(`facts/${table}.tsv names ${name}, which no table of fields has`)
  return row
}

const numbers = (text: string): readonly number[] => (text === '-' ? [] : text.split(',').map(Number))

const lines = (items: readonly unknown[]): string =>
  items.map((item) => `  ${JSON.stringify(item)},`).join('\n')

/** The text of `src/arm64/field-fact-table.generated.ts`. */
export const fieldFactTable = (): string => {
  const facts = readTsv('field_facts').map((row) => ({
    register: cell(checked('field_facts', row), 'register'),
    field: cell(row, 'field'),
    fact: cell(row, 'fact'),
    values: numbers(cell(row, 'values')),
  }))
  return `import type { FieldFact } from './field-facts.ts'

/** What is special about fields. */
export const FIELD_FACTS: readonly FieldFact[] = [
${lines(facts)}
]
`
}

/** The text of `src/arm64/inert-field-table.generated.ts`. */
export const inertFieldTable = (): string => {
  const fields = readTsv('inert_fields').map((row) => ({
    register: cell(checked('inert_fields', row), 'register'),
    field: cell(row, 'field'),
    actsWith: cell(row, 'acts_with'),
    ...(cell(row, 'alike') !== '*' && { alike: numbers(cell(row, 'alike')) }),
    reason: cell(row, 'reason'),
    source: cell(row, 'source'),
  }))
  return `import type { InertField } from './inert-fields.ts'

/** Every field that only guests with a certain vCPU feature can act on. */
export const INERT_FIELDS: readonly InertField[] = [
${lines(fields)}
]
`
}
