import { setField, valueName } from '../../arm64/field.ts'
import { fieldFact } from '../../arm64/field-facts.ts'
import { legalValues } from '../../arm64/legal-value.ts'
import { FEATURE_ID_REGISTERS } from '../../arm64/register.ts'
import type { FeatureIdRegister, GuestView } from '../../arm64/register.ts'

const most = (register: FeatureIdRegister): bigint =>
  register.fields
    // KVM shows the field to no guest, so it cannot stand in for another feature.
    .filter(
      (field) =>
        field.width <= 32 && fieldFact('never-shown', { register: register.name, field }) === undefined,
    )
    .reduce((value, field) => {
      // IMPDEF (PMUVer, PerfMon) is not a feature: the architecture does not say what such a guest has.
      const legal = legalValues(register.name, field).filter(
        (raw) => !/^IMP_?DEF$/.test(valueName(field, raw) ?? ''),
      )
      return setField(value, field, legal.at(-1) ?? 0)
    }, 0n)

/**
 * A view with the greatest value of every field that KVM shows a guest. No CPU is like it, but it has all features that depend on another
 * one. So disabling a feature takes away here what it takes away on any host, and base `host` compiles to one plan for all of them.
 */
export const MAXIMAL_VIEW: GuestView = new Map(
  FEATURE_ID_REGISTERS.map((register) => [register.name, most(register)]),
)
