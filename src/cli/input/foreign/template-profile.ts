import type { CpuFeatureProfile } from '../../../api/cpu-feature-profile.ts'
import { API_GROUP_VERSION } from '../../../api/names.ts'
import { withoutBits } from '../../../arm64/bits.ts'
import { coversField, fieldsMask, rawBits } from '../../../arm64/field.ts'
import { registerByKvmId } from '../../../arm64/register.ts'
import { isSpecifiable } from '../../../plan/specifiable.ts'
import type { ForeignTemplate, TemplateRegister } from './firecracker-dump.ts'

type Entry = NonNullable<CpuFeatureProfile['spec']['registers']>[number]

/** A template as a profile, and what of it a profile cannot say. */
export type TemplateProfile = { readonly profile: CpuFeatureProfile; readonly notes: readonly string[] }

const entriesOf = ({ id, mask, value }: TemplateRegister): { entries: readonly Entry[]; unsaid: bigint } => {
  const register = registerByKvmId(id)
  const fields = (register?.fields ?? []).filter(
    (field) => register !== undefined && isSpecifiable(register.name, field) && coversField(mask, field),
  )
  return {
    entries: fields.map((field) => ({
      register: register?.name ?? '',
      field: field.name,
      value: Number(rawBits(value, field)),
    })),
    unsaid: withoutBits(mask, fieldsMask(fields)),
  }
}

const place = (id: bigint): string => registerByKvmId(id)?.name ?? `register 0x${id.toString(16)}`

/** A profile that asks for what a template sets: base `host`, because a template leaves everything else to the host too. */
export const profileOfTemplate = (
  { registers, vcpuFeatures }: ForeignTemplate,
  name: string,
): TemplateProfile => {
  const parts = registers.map((register) => ({ register, ...entriesOf(register) }))
  const policies = Object.fromEntries(
    [...vcpuFeatures].map(([feature, isAsked]) => [feature, isAsked ? 'Required' : 'Disabled'] as const),
  )
  const entries = parts.flatMap((part) => part.entries)
  return {
    profile: {
      apiVersion: API_GROUP_VERSION,
      kind: 'CpuFeatureProfile',
      metadata: { name },
      spec: {
        base: { host: {} },
        ...(entries.length > 0 && { registers: entries }),
        ...(vcpuFeatures.size > 0 && { vcpuFeatures: policies }),
        enforcement: 'Strict',
      },
    },
    notes: parts
      .filter(({ unsaid }) => unsaid !== 0n)
      .map(
        ({ register, unsaid }) =>
          `bits 0x${unsaid.toString(16)} of ${place(register.id)} are left out: no profile can say them`,
      ),
  }
}
