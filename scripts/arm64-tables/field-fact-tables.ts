import { readFieldRows } from './known-fields.ts'
import { cell } from './read-tsv.ts'

const numbers = (text: string): readonly number[] => (text === '-' ? [] : text.split(',').map(Number))

const lines = (items: readonly unknown[]): string =>
  items.map((item) => `  ${JSON.stringify(item)},`).join('\n')

/** The text of `src/arm64/field-fact-table.generated.ts`. */
export const fieldFactTable = (): string => {
  const facts = readFieldRows('field_facts').map((row) => ({
    register: cell(row, 'register'),
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
  const fields = readFieldRows('inert_fields').map((row) => ({
    register: cell(row, 'register'),
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
