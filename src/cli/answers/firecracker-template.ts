import { fieldName } from '../../arm64/field-ref.ts'
import * as z from 'zod'
import { toHex64 } from '../../api/hex64.ts'
import { VCPU_FEATURES } from '../../api/vcpu-feature.ts'
import { setField } from '../../arm64/field.ts'
import { VCPU_FEATURE_FACTS } from '../../arm64/vcpu-feature-table.generated.ts'
import type { ResolvedPlan } from '../../plan/read-plan.ts'

/** A bitmap in Firecracker's form: `0b` and one digit per bit, the highest first; `x` leaves the bit unchanged. */
const bitmap = z.string().regex(/^0b[01x_]{1,2048}$/, 'must be 0b and digits 0, 1 or x')

/** A custom CPU template of Firecracker, and the output of `cpu-template-helper template dump` (docs/cpu_templates). */
export const firecrackerTemplate = z.object({
  kvm_capabilities: z.array(z.string()).default([]),
  vcpu_features: z.array(z.object({ index: z.int(), bitmap })).default([]),
  reg_modifiers: z.array(z.object({ addr: z.string().regex(/^0x[0-9a-fA-F]{1,16}$/), bitmap })).default([]),
})

export type FirecrackerTemplate = z.infer<typeof firecrackerTemplate>

/** A plan as a template, and notes on what a template cannot express. */
export type ExportedTemplate = { readonly template: FirecrackerTemplate; readonly notes: readonly string[] }

const bitsText = (width: number, digit: (bit: number) => string): string =>
  `0b${Array.from({ length: width }, (_, index) => digit(width - 1 - index)).join('')}`

const binary = (value: bigint): string => value.toString(2).padStart(64, '0')

const registerBitmap = (mask: bigint, value: bigint): string => {
  const [masked, digits] = [binary(mask), binary(value)]
  return bitsText(64, (bit) => (masked.at(-1 - bit) === '1' ? (digits.at(-1 - bit) ?? '0') : 'x'))
}

/** A template writes fixed bits, so a ceiling becomes a fixed value. */
const modifiers = ({ registers }: ResolvedPlan): FirecrackerTemplate['reg_modifiers'] =>
  registers
    .filter(({ saidBits }) => saidBits !== 0n)
    .map(({ kvmRegisterId, saidBits, value, ceilings }) => {
      const fixed = ceilings.reduce((bits, ceiling) => setField(bits, ceiling.field, ceiling.value), value)
      return { addr: toHex64(kvmRegisterId), bitmap: registerBitmap(saidBits, fixed) }
    })

const DIGITS = { Required: '1', Disabled: '0', Allowed: 'x' } as const

/** Another form of a feature is disabled with it, and never asked for: most hosts do not have it. */
const vcpuFeatureBitmap = ({ vcpuFeatures }: ResolvedPlan): string => {
  const digits = new Map<number, string>()
  for (const feature of VCPU_FEATURES) {
    const policy = vcpuFeatures[feature] ?? 'Allowed'
    const { initBits, variantInitBits } = VCPU_FEATURE_FACTS[feature]
    for (const bit of initBits) digits.set(bit, DIGITS[policy])
    for (const bit of variantInitBits) digits.set(bit, policy === 'Disabled' ? '0' : 'x')
  }
  return bitsText(Math.max(...digits.keys()) + 1, (bit) => digits.get(bit) ?? 'x')
}

const capabilities = ({ vcpuFeatures }: ResolvedPlan): string[] =>
  VCPU_FEATURES.flatMap((feature) =>
    vcpuFeatures[feature] === 'Required'
      ? VCPU_FEATURE_FACTS[feature].capabilities.map(({ number }) => String(number))
      : [],
  )

const underCeiling = ({ registers }: ResolvedPlan): string =>
  registers
    .flatMap(({ name, ceilings }) => ceilings.map(({ field }) => fieldName({ register: name, field })))
    .join(', ')

const notesOf = (plan: ResolvedPlan): string[] => [
  ...(plan.registers.some(({ kind }) => kind === 'implementation')
    ? ['MIDR_EL1 is among the registers: Firecracker must enable KVM_CAP_ARM_WRITABLE_IMP_ID_REGS for it']
    : []),
  ...(plan.excludedRegisters.size === 0
    ? []
    : [
        'a template cannot leave registers out of KVM_GET_REG_LIST: snapshots contain ' +
          `${plan.excludedRegisters.size} that not every host has`,
      ]),
  ...(underCeiling(plan) === ''
    ? []
    : [
        `a template cannot say "at most": ${underCeiling(plan)} are written as fixed values, which hosts with less refuse`,
      ]),
  ...(plan.requiredFeatures.length === 0
    ? []
    : [`a template cannot check that guests have ${plan.requiredFeatures.join(', ')}`]),
  ...(plan.sveVectorLengths === undefined ? [] : ['a template cannot choose SVE vector lengths']),
  ...(plan.vcpuFeatures.mte === 'Required' ? ['a template cannot enable MTE'] : []),
  ...(Object.keys(plan.untrapped).length === 0
    ? []
    : [
        'a template cannot check CNTFRQ_EL0 and DCZID_EL0: restore only on hosts that pass cpufeatures check',
      ]),
]

/** The template with which Firecracker writes what the plan specifies. */
export const toFirecrackerTemplate = (plan: ResolvedPlan): ExportedTemplate => ({
  template: {
    kvm_capabilities: capabilities(plan),
    vcpu_features: [{ index: 0, bitmap: vcpuFeatureBitmap(plan) }],
    reg_modifiers: modifiers(plan),
  },
  notes: notesOf(plan),
})
