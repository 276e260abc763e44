import { fieldName } from './field-ref.ts'
import { HIDDEN_FIELDS } from './hidden-field-table.generated.ts'
import { midrParts } from './midr.ts'

const key = (implementer: number, part: number, field: string): string => `${implementer} ${part} ${field}`

const known = new Map(
  HIDDEN_FIELDS.map(([implementer, part, register, field, value]) => [
    key(implementer, part, fieldName({ register, field })),
    value,
  ]),
)

/**
 * What a CPU has in a field that no register shows to a guest, by its MIDR_EL1; undefined if facts/hidden_fields.tsv does not know the
 * part.
 */
export const hiddenField = (
  midr: bigint,
  field: { readonly register: string; readonly field: string },
): number | undefined => {
  const { implementer, part } = midrParts(midr)
  return known.get(key(implementer, part, fieldName(field)))
}
