import { fieldMaximum, rawValue, signedValue } from './field.ts'
import type { Field } from './field.ts'

// Values the field table names that Armv8 does not permit (Arm ARM, the field's own description), and KVM refuses.
const NOT_IN_ARMV8: Readonly<Record<string, readonly number[]>> = {
  'ID_DFR0_EL1.PerfMon': [1, 2],
  'ID_DFR0_EL1.CopDbg': [0, 2, 3, 4, 5],
  'ID_AA64DFR0_EL1.DebugVer': [0, 1, 2, 3, 4, 5],
}

/** The raw values a field may have, from the lowest meaning up: those the architecture names, or all where it is a number. */
export const legalValues = (register: string, field: Field): readonly number[] => {
  const banned = NOT_IN_ARMV8[`${register}.${field.name}`] ?? []
  const named = [...new Set(field.values.map(({ value }) => value))]
  const all = named.length > 0 ? named : Array.from({ length: fieldMaximum(field) + 1 }, (_, raw) => raw)
  return all
    .filter((raw) => !banned.includes(raw))
    .sort((a, b) => signedValue(field, a) - signedValue(field, b))
}

/** The greatest legal raw value below a meaning; where the table names none, the number below it, if the field can hold it. */
export const legalValueBelow = (register: string, field: Field, meaning: number): number | undefined => {
  const named = legalValues(register, field).filter((raw) => signedValue(field, raw) < meaning)
  if (named.length > 0) return named.at(-1)
  const least = field.signed ? -(2 ** (field.width - 1)) : 0
  return meaning - 1 >= least && field.values.length === 0 ? rawValue(field, meaning - 1) : undefined
}
