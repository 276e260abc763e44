import type { LaunchRefusal } from '../../api/finding.ts'
import { toHex64 } from '../../api/hex64.ts'
import { differsIn, getField, rawBits, type Field } from '../../arm64/field.ts'
import { registerByName } from '../../arm64/register.ts'
import type { PlannedRegister } from '../../plan/planned-register.ts'
import { refusal } from '../../catalogue/refusal-reasons.ts'

/** The fields in which two values of a register differ. */
export const differingFields = (register: string, a: bigint, b: bigint): Field[] =>
  (registerByName(register)?.fields ?? []).filter((field) => differsIn(field, a, b))

const fieldValue = (value: bigint, field: Field): string =>
  field.width > 32 ? toHex64(rawBits(value, field)) : String(getField(value, field))

/** A write that KVM refused or changed, by field: what was wanted, and what the vCPU shows. */
export const refusedFields = (planned: PlannedRegister, wanted: bigint, shown: bigint): LaunchRefusal[] => {
  const fields = differingFields(planned.name, wanted, shown)
  return fields.length === 0
    ? [
        refusal({
          reason: 'FieldRefused',
          register: planned.name,
          wanted: toHex64(wanted),
          shown: toHex64(shown),
        }),
      ]
    : fields.map((field) =>
        refusal({
          reason: 'FieldRefused',
          register: planned.name,
          field: field.name,
          wanted: fieldValue(wanted, field),
          shown: fieldValue(shown, field),
        }),
      )
}
