import { remembered } from './remembered.ts'
import type { ToleratedDifference } from '../api/finding.ts'
import { fromHex64 } from '../api/hex64.ts'
import type { Plan, Untrapped } from '../api/plan.ts'
import { VCPU_FEATURES } from '../api/vcpu-feature.ts'
import type { VcpuFeature } from '../api/vcpu-feature.ts'
import { EVERY_BIT, hasAnyBit, hasBits } from '../arm64/bits.ts'
import { featureByName } from '../arm64/feature-registry.ts'
import { fieldMask } from '../arm64/field.ts'
import type { Field } from '../arm64/field.ts'
import type { FieldCeiling } from '../arm64/field-ceiling.ts'
import { firmwareRegisterByName } from '../arm64/firmware-registers.ts'
import { implementationRegisters } from '../arm64/implementation-registers.ts'
import { PA_RANGE_MASK, paRangeBits } from '../arm64/pa-range.ts'
import { fieldNamed, registerByName } from '../arm64/register.ts'
import { registersOfCondition } from '../arm64/registers-of-condition.ts'
import type { OptionalBits, PlannedRegister } from './planned-register.ts'
import type { SpecifiedBits } from './register-values.ts'
import { vcpuFeatureBits } from './vcpu-feature-bits.ts'

/** A plan with every name looked up and every 64-bit value a bigint: what everybody judges, levels and renders. */
export type ResolvedPlan = {
  readonly enforcement: Plan['enforcement']
  /**
   * In the order in which a launch writes them: implementation ID, ID registers, firmware registers. Then come registers of which the
   * plan names no bit. A launch reads those for their ceilings, for required features, or to see which optional features are there.
   */
  readonly registers: readonly PlannedRegister[]
  readonly byName: ReadonlyMap<string, PlannedRegister>
  readonly requiredFeatures: readonly string[]
  readonly vcpuFeatures: Plan['vcpuFeatures']
  /** The vCPU features that the plan leaves to the VMM and says something of. */
  readonly optionalFeatures: readonly VcpuFeature[]
  /** The most that KVM_CAP_ARM_VM_IPA_SIZE may answer: what PARANGE says; undefined if the plan leaves it to the host. */
  readonly ipaBits: number | undefined
  readonly sveVectorLengths: readonly number[] | undefined
  /** KVM register ids left out of the register list. */
  readonly excludedRegisters: ReadonlySet<bigint>
  /** What the guest reads untrapped and KVM cannot change. */
  readonly untrapped: Untrapped
  readonly tolerated: readonly ToleratedField[]
}

/** A difference that remains between hosts, and the field it is in. */
export type ToleratedField = { readonly difference: ToleratedDifference; readonly field: Field }

/** A name in a plan that this version does not know: a register, a field of a register, or a FEAT_ name. */
export type UnknownName =
  { readonly register: string; readonly field?: string } | { readonly feature: string }

export type ReadPlan =
  | { readonly kind: 'resolved'; readonly plan: ResolvedPlan }
  | { readonly kind: 'unknown'; readonly names: readonly UnknownName[] }

const isKnownRegister = (name: string): boolean =>
  registerByName(name) !== undefined || firmwareRegisterByName(name) !== undefined

type Place = { readonly register: string; readonly field: string }

const unknownPlaces = (places: readonly Place[]): UnknownName[] =>
  places.flatMap(({ register, field }) => {
    if (registerByName(register) === undefined) return [{ register }]
    return fieldNamed(register, field) === undefined ? [{ register, field }] : []
  })

const unknownNames = (plan: Plan): UnknownName[] => [
  ...[...plan.registers, ...plan.firmwareRegisters]
    .filter(({ register }) => !isKnownRegister(register))
    .map(({ register }) => ({ register })),
  ...unknownPlaces([...(plan.atMost ?? []), ...plan.tolerated]),
  ...(plan.requiredFeatures ?? [])
    .filter((feature) => featureByName(feature) === undefined)
    .map((feature) => ({ feature })),
]

type Specified = SpecifiedBits & { readonly kind: PlannedRegister['kind'] }

const canonical = (name: string): string => registerByName(name)?.name ?? name

/** What the plan specifies, by register, in the order in which a launch writes it. */
const specifiedRegisters = (plan: Plan): Map<string, Specified> => {
  const specified = new Map<string, Specified>()
  for (const [name, value] of implementationRegisters(plan.implementation))
    specified.set(name, { kind: 'implementation', mask: EVERY_BIT, value: fromHex64(value) })
  for (const { register, mask: bits, value } of plan.registers) {
    const [name, mask] = [canonical(register), fromHex64(bits)]
    if (!specified.has(name)) specified.set(name, { kind: 'feature', mask, value: fromHex64(value) & mask })
  }
  for (const { register, value } of plan.firmwareRegisters)
    specified.set(register, { kind: 'firmware', mask: EVERY_BIT, value: fromHex64(value) })
  return specified
}

const ceilingsByRegister = ({ atMost = [] }: Plan): Map<string, FieldCeiling[]> => {
  const ceilings = new Map<string, FieldCeiling[]>()
  for (const { register, field: fieldName, value } of atMost) {
    const [name, field] = [canonical(register), fieldNamed(register, fieldName)]
    if (field !== undefined) ceilings.set(name, [...(ceilings.get(name) ?? []), { field, value }])
  }
  return ceilings
}

const registersOfFeatures = ({ requiredFeatures = [] }: Plan): readonly string[] =>
  requiredFeatures.flatMap((name) => registersOfCondition({ kind: 'feature', name }))

type SaidBits = (register: string) => bigint

const optionalFeatures = ({ vcpuFeatures }: Plan, said: SaidBits): VcpuFeature[] =>
  VCPU_FEATURES.filter(
    (feature) =>
      (vcpuFeatures[feature] ?? 'Allowed') === 'Allowed' &&
      [...vcpuFeatureBits(feature)].some(([register, bits]) => hasAnyBit(said(register), bits)),
  )

const optionalBits = (features: readonly VcpuFeature[], register: string): OptionalBits[] =>
  features.flatMap((feature) => {
    const mask = vcpuFeatureBits(feature).get(register)
    return mask === undefined ? [] : [{ feature, mask }]
  })

const resolvedRegisters = (plan: Plan): Pick<ResolvedPlan, 'registers' | 'optionalFeatures'> => {
  const specified = specifiedRegisters(plan)
  const ceilings = ceilingsByRegister(plan)
  const said: SaidBits = (name) =>
    (ceilings.get(name) ?? []).reduce(
      (bits, { field }) => bits | fieldMask(field),
      specified.get(name)?.mask ?? 0n,
    )
  const features = optionalFeatures(plan, said)
  const names = [
    ...[...specified.keys(), ...ceilings.keys(), ...registersOfFeatures(plan)],
    ...features.flatMap((feature) => [...vcpuFeatureBits(feature).keys()]),
  ]
  const registers = [...new Set(names)].flatMap((name): PlannedRegister[] => {
    const found = registerByName(name) ?? firmwareRegisterByName(name)
    if (found === undefined) return []
    const { kind, mask, value } = specified.get(name) ?? { kind: 'feature', mask: 0n, value: 0n }
    return [
      {
        ...{ name, kind, kvmRegisterId: found.kvmRegisterId, mask, value, saidBits: said(name) },
        ceilings: ceilings.get(name) ?? [],
        optionalBits: optionalBits(features, name),
      },
    ]
  })
  return { registers, optionalFeatures: features }
}

const ipaBits = (registers: readonly PlannedRegister[]): number | undefined => {
  const planned = registers.find(({ name }) => name === 'ID_AA64MMFR0_EL1')
  return planned && hasBits(planned.mask, PA_RANGE_MASK) ? paRangeBits(planned.value) : undefined
}

const toleratedFields = ({ tolerated }: Plan): ToleratedField[] =>
  tolerated.flatMap((difference) => {
    const field = fieldNamed(difference.register, difference.field)
    return field === undefined ? [] : [{ difference, field }]
  })

const read = (plan: Plan): ReadPlan => {
  const names = unknownNames(plan)
  if (names.length > 0) return { kind: 'unknown', names }
  const resolved = resolvedRegisters(plan)
  return {
    kind: 'resolved',
    plan: {
      enforcement: plan.enforcement,
      ...resolved,
      byName: new Map(resolved.registers.map((register) => [register.name, register])),
      requiredFeatures: plan.requiredFeatures ?? [],
      vcpuFeatures: plan.vcpuFeatures,
      ipaBits: ipaBits(resolved.registers),
      sveVectorLengths: plan.sveVectorLengths,
      excludedRegisters: new Set(plan.registerList.exclude.map(fromHex64)),
      untrapped: plan.untrapped,
      tolerated: toleratedFields(plan),
    },
  }
}

/**
 * Looks up every name in a plan. A plan with a name that this version does not know is not read in part: a reader that skipped the
 * name would promise or launch another CPU than was compiled. The result is remembered per plan object, because a plan is judged
 * against every host class.
 */
export const readPlan = remembered(read)
