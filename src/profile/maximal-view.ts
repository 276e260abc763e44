import { setField, valueName } from '../arm64/field.ts'
import { legalValues } from '../arm64/legal-value.ts'
import { FEATURE_ID_REGISTERS } from '../arm64/register.ts'
import type { FeatureIdRegister, GuestView } from '../arm64/register.ts'

const most = (register: FeatureIdRegister): bigint =>
  register.fields
    .filter(({ width }) => width <= 32)
    .reduce((value, field) => {
      // IMPDEF (PMUVer, PerfMon) is no feature: the architecture says nothing of what such a guest has.
      const legal = legalValues(register.name, field).filter(
        (raw) => !/^IMP_?DEF$/.test(valueName(field, raw) ?? ''),
      )
      return setField(value, field, legal.at(-1) ?? 0)
    }, 0n)

/**
 * A view with the greatest value of every field: no CPU is like it, yet whatever depends on a feature is in it. What disabling a
 * feature takes away here is what it takes away on any host, so base `host` compiles to one plan for all of them.
 */
export const MAXIMAL_VIEW: GuestView = new Map(
  FEATURE_ID_REGISTERS.map((register) => [register.name, most(register)]),
)
