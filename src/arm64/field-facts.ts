import type { FieldRef } from './field-ref.ts'
import { FIELD_FACTS } from './field-fact-table.generated.ts'

/**
 * What is special about a field, from facts/field_facts.tsv:
 * - `not-in-armv8`: the field table names these raw values, Armv8 does not permit them, and KVM refuses them.
 * - `of-interrupt-controller`: KVM rewrites the field at the VM's first run, by the interrupt controller the VM was given.
 * - `never-shown`: KVM shows it as zero to every guest, in whatever configuration.
 * - `shown-at-most`: KVM shows no guest more than this raw value.
 * - `of-the-host`: it is a size, a format or an execution state, so a version of the architecture says nothing of it.
 */
export type FieldFactName =
  'not-in-armv8' | 'of-interrupt-controller' | 'never-shown' | 'shown-at-most' | 'of-the-host'

/** A row of facts/field_facts.tsv; field `*` is every field of the register. */
export type FieldFact = {
  readonly register: string
  readonly field: string
  readonly fact: FieldFactName
  /** Raw values (0..2^width-1) that the fact is about; empty if it is about the field as a whole. */
  readonly values: readonly number[]
}

const keyOf = (fact: FieldFactName, register: string, field: string): string => `${fact} ${register}.${field}`

const facts = new Map(FIELD_FACTS.map((one) => [keyOf(one.fact, one.register, one.field), one]))

/** The row that says this of a field; undefined if none does. */
export const fieldFact = (fact: FieldFactName, { register, field }: FieldRef): FieldFact | undefined =>
  facts.get(keyOf(fact, register, field.name)) ?? facts.get(keyOf(fact, register, '*'))

/** The rows that say this, of whatever field. */
export const fieldsWithFact = (fact: FieldFactName): readonly FieldFact[] =>
  FIELD_FACTS.filter((one) => one.fact === fact)
