import { VCPU_FEATURES } from '../../api/vcpu-feature.ts'
import { coversField, rawBits, valueName } from '../../arm64/field.ts'
import type { Field } from '../../arm64/field.ts'
import { FEATURE_ID_REGISTERS } from '../../arm64/register.ts'
import type { FeatureIdRegister } from '../../arm64/register.ts'
import { hwcapNamesOf } from '../../arm64/hwcap-names.ts'
import { featuresBetween } from '../../arm64/field-features.ts'
import type { SpecifiedBits } from '../../plan/register-values.ts'
import { namesText } from '../../compatibility/names-text.ts'
import { UNKNOWN, vcpuFacts } from './specified-cpu.ts'
import type { SpecifiedCpu } from './specified-cpu.ts'

/** A field in which two CPUs differ, with raw values in hexadecimal; undefined for a CPU without the register. */
export type FieldDifference = {
  readonly register: string
  readonly field: string
  readonly a: string | undefined
  readonly b: string | undefined
  /** The architecture's names for the two values, if it has any. */
  readonly names: readonly [a: string | undefined, b: string | undefined]
  /** The FEAT_ names that one value announces and the other does not. */
  readonly features: readonly string[]
  /** The same features under their names in /proc/cpuinfo. */
  readonly hwcaps: readonly string[]
}

/** A difference between two CPUs outside ID registers. */
export type FactDifference = {
  readonly fact: string
  readonly a: string | undefined
  readonly b: string | undefined
}

/** How two CPUs differ. */
export type CpuDifferences = {
  readonly fields: readonly FieldDifference[]
  readonly facts: readonly FactDifference[]
}

const rawOf = (bits: SpecifiedBits | undefined, field: Field): bigint | undefined => {
  if (bits === undefined || !coversField(bits.mask, field)) return undefined
  return rawBits(bits.value, field)
}

const hex = (value: bigint | undefined): string | undefined =>
  value === undefined ? undefined : `0x${value.toString(16)}`

const nameOf = (field: Field, raw: bigint | undefined): string | undefined =>
  raw === undefined ? undefined : valueName(field, Number(raw))

const fieldDifference = (
  register: string,
  field: Field,
  [a, b]: readonly [bigint | undefined, bigint | undefined],
): FieldDifference => {
  const small = field.width <= 32
  const features = small ? featuresBetween({ register, field }, [Number(a ?? 0n), Number(b ?? 0n)]) : []
  return {
    register,
    field: field.name,
    a: hex(a),
    b: hex(b),
    names: small ? [nameOf(field, a), nameOf(field, b)] : [undefined, undefined],
    features,
    hwcaps: hwcapNamesOf(features),
  }
}

/** A partial CPU leaves what it does not name to the host; that is not a difference. */
const isUnsaid = (cpu: SpecifiedCpu, raw: bigint | undefined): boolean => cpu.partial && raw === undefined

const inRegister = (register: FeatureIdRegister, a: SpecifiedCpu, b: SpecifiedCpu): FieldDifference[] => {
  if ([...a.untold, ...b.untold].includes(register.name)) return []
  const [bitsA, bitsB] = [a.registers.get(register.name), b.registers.get(register.name)]
  return register.fields.flatMap((field) => {
    const [rawA, rawB] = [rawOf(bitsA, field), rawOf(bitsB, field)]
    if (rawA === rawB || isUnsaid(a, rawA) || isUnsaid(b, rawB)) return []
    return [fieldDifference(register.name, field, [rawA, rawB])]
  })
}

/** A partial and a whole CPU are compared in what both specify, two CPUs of the same kind in what either specifies. */
const factDifferences = (a: SpecifiedCpu, b: SpecifiedCpu): FactDifference[] =>
  [...new Set([...a.facts.keys(), ...b.facts.keys()])].flatMap((fact) => {
    const [ofA, ofB] = [a.facts.get(fact), b.facts.get(fact)]
    const unsaid = a.partial !== b.partial && (ofA === undefined || ofB === undefined)
    // Two that are unknown are not known to be the same.
    return (ofA === ofB && ofA !== UNKNOWN) || unsaid ? [] : [{ fact, a: ofA, b: ofB }]
  })

const GIVEN: Readonly<Record<string, string>> = { yes: 'given', no: 'not given', [UNKNOWN]: UNKNOWN }

/** The policies that change nothing for a VMM that asks for whatever the host gives. */
const AGREES: Readonly<Record<string, readonly string[]>> = {
  Disabled: ['no'],
  Required: ['yes'],
  Allowed: ['yes', 'no', UNKNOWN],
}

/** What a plan says of vCPU features that its host gives, or does not give. */
const vcpuDifferences = (a: SpecifiedCpu, b: SpecifiedCpu): FactDifference[] =>
  VCPU_FEATURES.map(vcpuFacts).flatMap(({ given, policy }) => {
    const [givenByA, saidByA] = [a.facts.get(given), a.facts.get(policy)]
    const [givenByB, saidByB] = [b.facts.get(given), b.facts.get(policy)]
    const [gives, says] = [givenByA ?? givenByB, saidByA ?? saidByB]
    if (gives === undefined || says === undefined || AGREES[says]?.includes(gives) === true) return []
    const text = (said: string | undefined): string | undefined => said ?? GIVEN[gives]
    return [{ fact: policy, a: text(saidByA), b: text(saidByB) }]
  })

const untoldDifferences = (a: SpecifiedCpu, b: SpecifiedCpu): FactDifference[] => {
  const text = ({ untold }: SpecifiedCpu): string => namesText(untold)
  return a.untold.length + b.untold.length === 0
    ? []
    : [{ fact: 'unknown ID registers', a: text(a), b: text(b) }]
}

/** How two CPUs differ, field by field, in the order of the registers. */
export const cpuDifferences = (a: SpecifiedCpu, b: SpecifiedCpu): CpuDifferences => ({
  fields: FEATURE_ID_REGISTERS.flatMap((register) => inRegister(register, a, b)),
  facts: [...untoldDifferences(a, b), ...vcpuDifferences(a, b), ...factDifferences(a, b)],
})
