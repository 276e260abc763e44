import { fieldMaximum, rawValue, signedValue } from './field.ts'
import { fieldFact } from './field-facts.ts'
import type { Field } from './field.ts'

/** The raw values a field may have, from the lowest meaning up: those the architecture names, or all where it is a number. */
export const legalValues = (register: string, field: Field): readonly number[] => {
  const banned = fieldFact('not-in-armv8', { register, field })?.values ?? []
  const named = [...new Set(field.values.map(({ value }) => value))]
  const all = named.length > 0 ? named : Array.from({ length: fieldMaximum(field) + 1 }, (_, raw) => raw)
  return all
    .filter((raw) => !banned.includes(raw))
    .sort((a, b) => signedValue(field, a) - signedValue(field, b))
}

/** The greatest legal raw value below a meaning; if the table names no value, the number below it, if the field can hold it. */
export const legalValueBelow = (register: string, field: Field, meaning: number): number | undefined => {
  const named = legalValues(register, field).filter((raw) => signedValue(field, raw) < meaning)
  if (named.length > 0) return named.at(-1)
  const least = field.signed ? -(2 ** (field.width - 1)) : 0
  return meaning - 1 >= least && field.values.length === 0 ? rawValue(field, meaning - 1) : undefined
}
