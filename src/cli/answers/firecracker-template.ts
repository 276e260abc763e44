import { fieldName } from '../../arm64/field-ref.ts'
import * as z from 'zod'
import { fromHex64, toHex64 } from '../../api/hex64.ts'
import type { MaskedRegister } from '../../api/finding.ts'
import type { Plan } from '../../api/plan.ts'
import { VCPU_FEATURES } from '../../api/vcpu-feature-policy.ts'
import { firmwareRegisterByName } from '../../arm64/firmware-registers.ts'
import { implementationRegisters } from '../../arm64/implementation-registers.ts'
import { fieldMask, setField } from '../../arm64/field.ts'
import { fieldNamed, registerByName } from '../../arm64/register.ts'
import { VCPU_FEATURE_FACTS } from '../../arm64/vcpu-feature-table.generated.ts'

/** A bitmap as Firecracker writes it: `0b` and a digit a bit from the highest down; `x` leaves the bit as it is. */
const bitmap = z.string().regex(/^0b[01x_]{1,2048}$/, 'must be 0b and digits 0, 1 or x')

/** A custom CPU template of Firecracker, and what `cpu-template-helper template dump` prints (docs/cpu_templates). */
export const firecrackerTemplate = z.object({
  kvm_capabilities: z.array(z.string()).default([]),
  vcpu_features: z.array(z.object({ index: z.int(), bitmap })).default([]),
  reg_modifiers: z.array(z.object({ addr: z.string().regex(/^0x[0-9a-fA-F]{1,16}$/), bitmap })).default([]),
})

export type FirecrackerTemplate = z.infer<typeof firecrackerTemplate>

/** A plan as a template, and what a template cannot say of it. */
export type ExportedTemplate = { readonly template: FirecrackerTemplate; readonly notes: readonly string[] }

const bitsText = (width: number, digit: (bit: number) => string): string =>
  `0b${Array.from({ length: width }, (_, index) => digit(width - 1 - index)).join('')}`

const registerBitmap = (mask: bigint, value: bigint): string =>
  bitsText(64, (bit) => ((mask >> BigInt(bit)) & 1n ? String((value >> BigInt(bit)) & 1n) : 'x'))

const EVERY_BIT = (1n << 64n) - 1n

type Modifier = FirecrackerTemplate['reg_modifiers'][number]

const modifier = (id: bigint, mask: bigint, value: bigint): Modifier => ({
  addr: toHex64(id),
  bitmap: registerBitmap(mask, value),
})

/** A template writes fixed bits: what may be at most something is written as that. */
const fixedRegisters = ({ registers, atMost = [] }: Plan): readonly MaskedRegister[] => {
  const fixed = new Map(registers.map((one) => [one.register, one]))
  for (const { register, field: name, value: raw } of atMost) {
    const field = fieldNamed(register, name)
    const { mask, value } = fixed.get(register) ?? { mask: '0x0', value: '0x0' }
    if (field === undefined) continue
    fixed.set(register, {
      register,
      mask: toHex64(fromHex64(mask) | fieldMask(field)),
      value: toHex64(setField(fromHex64(value), field, raw)),
    })
  }
  return [...fixed.values()]
}

const idModifiers = (plan: Plan): Modifier[] => [
  ...fixedRegisters(plan).flatMap(({ register, mask, value }) => {
    const found = registerByName(register)
    return found ? [modifier(found.kvmRegisterId, fromHex64(mask), fromHex64(value))] : []
  }),
  ...implementationRegisters(plan.implementation).flatMap(([name, value]) => {
    const found = registerByName(name)
    return found ? [modifier(found.kvmRegisterId, EVERY_BIT, fromHex64(value))] : []
  }),
]

const firmwareModifiers = ({ firmwareRegisters }: Plan): Modifier[] =>
  firmwareRegisters.flatMap(({ register, value }) => {
    const found = firmwareRegisterByName(register)
    return found ? [modifier(found.kvmRegisterId, EVERY_BIT, fromHex64(value))] : []
  })

const DIGITS = { Required: '1', Disabled: '0', Allowed: 'x' } as const

/** Another form of a feature is disabled with it, and never asked for: most hosts do not have it. */
const vcpuFeatureBitmap = ({ vcpuFeatures }: Plan): string => {
  const digits = new Map<number, string>()
  for (const feature of VCPU_FEATURES) {
    const policy = vcpuFeatures[feature] ?? 'Allowed'
    const { initBits, variantInitBits } = VCPU_FEATURE_FACTS[feature]
    for (const bit of initBits) digits.set(bit, DIGITS[policy])
    for (const bit of variantInitBits) digits.set(bit, policy === 'Disabled' ? '0' : 'x')
  }
  return bitsText(Math.max(...digits.keys()) + 1, (bit) => digits.get(bit) ?? 'x')
}

const capabilities = ({ vcpuFeatures }: Plan): string[] =>
  VCPU_FEATURES.flatMap((feature) =>
    vcpuFeatures[feature] === 'Required'
      ? VCPU_FEATURE_FACTS[feature].capabilities.map(({ number }) => String(number))
      : [],
  )

const notesOf = (plan: Plan): string[] => [
  ...(plan.implementation === undefined
    ? []
    : ['MIDR_EL1 is among the registers: Firecracker must enable KVM_CAP_ARM_WRITABLE_IMP_ID_REGS for it']),
  ...(plan.registerList.exclude.length === 0
    ? []
    : [
        `a template cannot leave registers out of KVM_GET_REG_LIST: snapshots carry ${plan.registerList.exclude.length} that not every host has`,
      ]),
  ...(plan.atMost === undefined
    ? []
    : [
        `a template cannot say "at most": ${plan.atMost.map(fieldName).join(', ')} are written as fixed values, which hosts with less refuse`,
      ]),
  ...(plan.requiredFeatures === undefined
    ? []
    : [`a template cannot check that guests have ${plan.requiredFeatures.join(', ')}`]),
  ...(plan.sveVectorLengths === undefined ? [] : ['a template cannot choose SVE vector lengths']),
  ...(plan.vcpuFeatures.mte === 'Required' ? ['a template cannot enable MTE'] : []),
  ...(Object.keys(plan.untrapped).length === 0
    ? []
    : [
        'a template cannot check CNTFRQ_EL0 and DCZID_EL0: restore only on hosts that cpufeatures check lets through',
      ]),
]

/** The template that makes Firecracker write what the plan specifies. */
export const toFirecrackerTemplate = (plan: Plan): ExportedTemplate => ({
  template: {
    kvm_capabilities: capabilities(plan),
    vcpu_features: [{ index: 0, bitmap: vcpuFeatureBitmap(plan) }],
    reg_modifiers: [...idModifiers(plan), ...firmwareModifiers(plan)],
  },
  notes: notesOf(plan),
})
