import { cpuIdentity, cpuName } from '../../arm64/cpu-name.ts'
import { withoutBits } from '../../arm64/bits.ts'
import { coversField, fieldsMask, getField } from '../../arm64/field.ts'
import type { FieldRule } from '../../arm64/field.ts'
import type { FieldRef } from '../../arm64/field-ref.ts'
import { hwcapNamesOf } from '../../arm64/hwcap-names.ts'
import { inertField } from '../../arm64/inert-fields.ts'
import type { FeatureIdRegister } from '../../arm64/register.ts'
import { tellsMasks } from '../../prediction/told-of-host.ts'
import { vcpuFeatureOfField } from '../../arm64/vcpu-features.ts'
import { featuresBetween, featuresOfField } from '../../arm64/field-features.ts'
import { fieldValueText } from './field-value.ts'
import type { FieldValueText } from './field-value.ts'
import type { NamedClass } from '../input/named-class.ts'

/** In words, the values that KVM accepts instead of the one that a host shows in a field. */
const RULES: Readonly<Record<FieldRule, string>> = {
  LowerSafe: 'lower',
  HigherSafe: 'higher',
  HigherOrZero: 'higher, or 0',
  Exact: 'only the safe value',
  None: 'nothing else',
}

/** One explained field; `value` if the user asked about one. */
export type ExplainedField = Partial<FieldValueText> & {
  readonly field: string
  /** `63:60`. */
  readonly bits: string
  /** The values that KVM accepts instead, if its writable mask covers the field. */
  readonly kvmTakes: string
  readonly features: readonly string[]
  readonly hwcaps: readonly string[]
  readonly remarks: readonly string[]
}

/** What a host shows in the register, and which bits its KVM makes writable. */
export type RegisterOnHost = {
  readonly host: string
  readonly value: string
  readonly writableMask: string
  /** The fields that its KVM lets nobody change; absent if its masks are unknown. */
  readonly notWritable?: readonly string[]
}

export type ExplainedRegister = {
  readonly kind: 'register'
  readonly register: string
  readonly encoding: string
  readonly kvmRegisterId: string
  /** The CPU that a value of MIDR_EL1 names, if its implementer is known: `Arm Neoverse-V2 r0p1`. */
  readonly cpu?: string
  /** The bits of the value that are set and belong to no known field (RES0). */
  readonly bitsOfNoField?: string
  readonly fields: readonly ExplainedField[]
  readonly hosts: readonly RegisterOnHost[]
}

const remarksOf = (ref: FieldRef): string[] => {
  const { field } = ref
  const inert = inertField(ref)
  const vcpuFeature = vcpuFeatureOfField(ref)
  return [
    ...(field.signed ? ['signed'] : []),
    ...(field.rule === 'Exact' ? [`safe value ${field.safeValue}`] : []),
    ...(vcpuFeature === undefined ? [] : [`0 without vCPU feature ${vcpuFeature}`]),
    ...(inert === undefined ? [] : [`inert: ${inert.reason}`]),
  ]
}

const shownFeatures = (ref: FieldRef, value: bigint | undefined): readonly string[] => {
  const { field } = ref
  if (value === undefined || field.width > 32) return featuresOfField(ref)
  const raw = getField(value, field)
  // Starts below every feature: at -1 for signed fields, whose 0 already is one.
  const nothing = field.signed ? 2 ** field.width - 1 : 0
  return raw === nothing ? [] : featuresBetween(ref, [nothing, raw])
}

/** What the fields of MIDR_EL1 name. The table of field values does not have these names. */
const midrMeaning = (field: string, midr: bigint): string | undefined => {
  const { implementer, part, revision } = cpuIdentity(midr)
  const [variant, patch] = revision.split('p')
  const meanings: Readonly<Record<string, string | undefined>> = {
    Implementer: implementer.startsWith('0x') ? undefined : implementer,
    Variant: variant,
    PartNum: part,
    Revision: `p${patch ?? ''}`,
  }
  return meanings[field]
}

const valueText = ({ register, field }: FieldRef, value: bigint): FieldValueText => {
  const text = fieldValueText(field, value)
  const meaning = register === 'MIDR_EL1' ? midrMeaning(field.name, value) : text.meaning
  return { value: text.value, ...(meaning !== undefined && { meaning }) }
}

const cpuNamed = (register: string, value: bigint | undefined): string | undefined => {
  if (register !== 'MIDR_EL1' || value === undefined) return undefined
  const name = cpuName(value)
  const { implementer } = cpuIdentity(value)
  if (implementer.startsWith('0x')) return undefined
  return name.startsWith(implementer) ? name : `${implementer} ${name}`
}

const explainField = (ref: FieldRef, value: bigint | undefined): ExplainedField => {
  const { field } = ref
  const features = shownFeatures(ref, value)
  return {
    field: field.name,
    bits: field.width === 1 ? String(field.shift) : `${field.shift + field.width - 1}:${field.shift}`,
    ...(value !== undefined && valueText(ref, value)),
    kvmTakes: RULES[field.rule],
    features,
    hwcaps: hwcapNamesOf(features),
    remarks: remarksOf(ref),
  }
}

const ofNoField = ({ fields }: FeatureIdRegister, value = 0n): Pick<ExplainedRegister, 'bitsOfNoField'> => {
  const bits = withoutBits(value, fieldsMask(fields))
  return bits === 0n ? {} : { bitsOfNoField: `0x${bits.toString(16)}` }
}

const onHost = ({ name, fields }: FeatureIdRegister, { names, host }: NamedClass): RegisterOnHost => {
  const mask = tellsMasks(host) ? (host.writableMasks?.[name] ?? '0x0') : undefined
  return {
    host: names[0] ?? '',
    value: host.guestView[name] ?? (host.registerList === undefined ? 'unknown' : '-'),
    writableMask: mask ?? 'unknown',
    ...(mask !== undefined && {
      notWritable: fields.filter((field) => !coversField(BigInt(mask), field)).map((field) => field.name),
    }),
  }
}

/** Explains a register or a value of it field by field, and adds what the given hosts show. */
export const explainRegister = (
  register: FeatureIdRegister,
  value: bigint | undefined,
  classes: readonly NamedClass[],
): ExplainedRegister => {
  const cpu = cpuNamed(register.name, value)
  return {
    kind: 'register',
    register: register.name,
    encoding: `S3_${register.op1}_C0_C${register.crm}_${register.op2}`,
    kvmRegisterId: `0x${register.kvmRegisterId.toString(16)}`,
    ...(cpu !== undefined && { cpu }),
    ...ofNoField(register, value),
    fields: register.fields.map((field) => explainField({ register: register.name, field }, value)),
    hosts: classes.map((one) => onHost(register, one)),
  }
}
