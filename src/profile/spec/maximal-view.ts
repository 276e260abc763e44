import { setField, valueName } from '../../arm64/field.ts'
import type { Field } from '../../arm64/field.ts'
import { legalValues } from '../../arm64/legal-value.ts'
import { FEATURE_ID_REGISTERS } from '../../arm64/register.ts'
import type { FeatureIdRegister, GuestView } from '../../arm64/register.ts'

const most = (register: FeatureIdRegister): bigint =>
  register.fields
    .filter((field) => field.width <= 32 && isShown(register, field))
    .reduce((value, field) => {
      // IMPDEF (PMUVer, PerfMon) is no feature: the architecture says nothing of what such a guest has.
      const legal = legalValues(register.name, field).filter(
        (raw) => !/^IMP_?DEF$/.test(valueName(field, raw) ?? ''),
      )
      return setField(value, field, legal.at(-1) ?? 0)
    }, 0n)

/**
 * What KVM shows no guest, in whatever configuration: the Scalable Matrix Extension (__kvm_read_sanitised_id_reg and sys_reg_descs,
 * arch/arm64/kvm/sys_regs.c, Linux 6.12 to 7.3). What can stand in for another feature there stands in for none in a guest.
 */
const NEVER_SHOWN = [
  ['ID_AA64PFR1_EL1', 'SME'],
  ['ID_AA64SMFR0_EL1', '*'],
] as const

const isShown = (register: FeatureIdRegister, field: Field): boolean =>
  !NEVER_SHOWN.some(([name, never]) => name === register.name && (never === '*' || never === field.name))

/**
 * A view with the greatest value of every field that KVM shows a guest: no CPU is like it, yet whatever depends on a feature is in it. What disabling a
 * feature takes away here is what it takes away on any host, so base `host` compiles to one plan for all of them.
 */
export const MAXIMAL_VIEW: GuestView = new Map(
  FEATURE_ID_REGISTERS.map((register) => [register.name, most(register)]),
)
