import { hasAnyBit, hasBit } from '../../arm64/bits.ts'
import { coversField, fieldMask } from '../../arm64/field.ts'
import type { Field } from '../../arm64/field.ts'
import { hwcapNamesOf } from '../../arm64/hwcap-names.ts'
import { registerByName } from '../../arm64/register.ts'
import { featuresOfField } from '../../arm64/field-features.ts'
import { fieldValueText } from './field-value.ts'
import type { FieldValueText } from './field-value.ts'
import type { SpecifiedCpu } from './specified-cpu.ts'

/** A field that a plan specifies. */
export type ExplainedEntry = FieldValueText & {
  readonly register: string
  readonly field: string
  readonly features: readonly string[]
  readonly hwcaps: readonly string[]
}

export type ExplainedPlan = {
  readonly kind: 'plan'
  readonly name: string
  readonly fields: readonly ExplainedEntry[]
  readonly besides: Readonly<Record<string, string>>
  /** What compiling did beyond the entries of the profile. */
  readonly notes: readonly string[]
}

/** A field of which only some bits are specified: `0b1xx0`. */
const someBits = (field: Field, mask: bigint, value: bigint): string =>
  `0b${Array.from({ length: field.width }, (_, index) => {
    const bit = field.shift + field.width - 1 - index
    if (!hasBit(mask, bit)) return 'x'
    return hasBit(value, bit) ? '1' : '0'
  }).join('')}`

/** A plan: every field that it specifies, in the order of the registers, and everything else that it demands of a host. */
export const explainPlan = (cpu: SpecifiedCpu, notes: readonly string[]): ExplainedPlan => ({
  kind: 'plan',
  name: cpu.name,
  fields: [...cpu.registers].flatMap(([register, { mask, value }]) =>
    (registerByName(register)?.fields ?? [])
      .filter((field) => hasAnyBit(mask, fieldMask(field)))
      .map((field) => {
        const features = featuresOfField({ register, field })
        return {
          register,
          field: field.name,
          ...(coversField(mask, field)
            ? fieldValueText(field, value)
            : { value: someBits(field, mask, value) }),
          features,
          hwcaps: hwcapNamesOf(features),
        }
      }),
  ),
  besides: Object.fromEntries(cpu.facts),
  notes,
})
