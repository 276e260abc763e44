import type { Field } from './field.ts'
import { fieldNamed } from './register.ts'

/** A field that was looked up, with the name of its register: code that is given one need not look it up again. */
export type FieldRef = { readonly register: string; readonly field: Field }

/** The field of these names; undefined if this version knows none. */
export const fieldRef = (names: {
  readonly register: string
  readonly field: string
}): FieldRef | undefined => {
  const field = fieldNamed(names.register, names.field)
  return field && { register: names.register, field }
}

type Named = string | { readonly name: string }

const nameOf = (one: Named): string => (typeof one === 'string' ? one : one.name)

/** A field with its register, as everybody writes it (`ID_AA64ISAR0_EL1.RNDR`); the register alone where there is no field. */
export const fieldName = (of: { readonly register: Named; readonly field?: Named | undefined }): string =>
  of.field === undefined ? nameOf(of.register) : `${nameOf(of.register)}.${nameOf(of.field)}`
