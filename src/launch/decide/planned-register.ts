import type { Finding } from '../../api/finding.ts'
import { fromHex64 } from '../../api/hex64.ts'
import type { Plan } from '../../api/plan.ts'
import { comparisonsOf } from '../../arm64/condition.ts'
import { featureByName } from '../../arm64/feature-registry.ts'
import { fieldMask } from '../../arm64/field.ts'
import type { FieldCeiling } from '../../arm64/field-ceiling.ts'
import { firmwareRegisterByName } from '../../arm64/firmware-registers.ts'
import { implementationRegisters } from '../../arm64/implementation-registers.ts'
import { fieldByName, fieldNamed, registerByName } from '../../arm64/register.ts'
import { vcpuFeatureOfField } from '../../arm64/vcpu-features.ts'
import { refusal } from '../record/refusal.ts'

/** A register that the plan specifies, as a launch writes it. */
export type PlannedRegister = {
  readonly name: string
  readonly kvmRegisterId: bigint
  /** The specified bits. */
  readonly mask: bigint
  /** What they must be; 0 outside the mask. */
  readonly value: bigint
  /** Masks of the fields that come with a vCPU feature which the VMM may leave out: where such a field is 0, it stays 0. */
  readonly optionalFields: readonly bigint[]
  /** The most that other fields may be: brought down where the vCPU shows more. */
  readonly ceilings: readonly FieldCeiling[]
}

export type PlannedRegisters =
  | { readonly kind: 'planned'; readonly registers: readonly PlannedRegister[] }
  | { readonly kind: 'unknown'; readonly findings: readonly Finding[] }

type Wanted = { readonly register: string; readonly mask: bigint; readonly value: bigint }

const ALL_BITS = (1n << 64n) - 1n

const wantedRegisters = (plan: Plan): Wanted[] => {
  const implementation = implementationRegisters(plan.implementation).map(([register, value]): Wanted => ({
    register,
    mask: ALL_BITS,
    value: fromHex64(value),
  }))
  return [
    ...implementation,
    ...plan.registers
      .filter(({ register }) => !implementation.some((one) => one.register === register))
      .map(({ register, mask, value }) => ({ register, mask: fromHex64(mask), value: fromHex64(value) })),
    ...plan.firmwareRegisters.map(({ register, value }) => ({
      register,
      mask: ALL_BITS,
      value: fromHex64(value),
    })),
  ]
}

/** The registers that the plan names without a bit of them: of fields with a ceiling, and of features that must be seen. */
const besides = (plan: Plan, wanted: readonly Wanted[]): Wanted[] => {
  const required = (plan.requiredFeatures ?? []).flatMap(
    (name) => featureByName(name)?.places.flatMap(({ holds }) => comparisonsOf(holds)) ?? [],
  )
  const names = new Set([...(plan.atMost ?? []), ...required].map(({ register }) => register))
  for (const { register } of wanted) names.delete(register)
  return [...names].map((register) => ({ register, mask: 0n, value: 0n }))
}

const unknownFields = ({ atMost = [] }: Plan): { register: string; field: string }[] =>
  atMost.flatMap(({ register, field }) => {
    const owner = registerByName(register)
    return owner === undefined || fieldByName(owner, field) ? [] : [{ register, field }]
  })

const ceilingsOf = (plan: Plan, name: string): FieldCeiling[] =>
  (plan.atMost ?? [])
    .filter(({ register }) => register === name)
    .flatMap(({ field: fieldName, value }) => {
      const field = fieldNamed(name, fieldName)
      return field === undefined ? [] : [{ field, value }]
    })

const optionalFields = (plan: Plan, name: string): bigint[] =>
  (registerByName(name)?.fields ?? [])
    .filter((field) => {
      const feature = vcpuFeatureOfField(name, field.name)
      return feature !== undefined && plan.vcpuFeatures[feature] !== 'Required'
    })
    .map(fieldMask)

/**
 * What a launch writes for a plan, in this order: implementation ID, ID registers, firmware registers. A name that this
 * version does not know is a finding: nothing of such a plan may be launched.
 */
export const plannedRegisters = (plan: Plan): PlannedRegisters => {
  const specified = wantedRegisters(plan)
  const wanted = [...specified, ...besides(plan, specified)].map((one) => ({
    ...one,
    id: (registerByName(one.register) ?? firmwareRegisterByName(one.register))?.kvmRegisterId,
  }))
  const unknown = [
    ...wanted.filter(({ id }) => id === undefined).map(({ register }) => ({ register })),
    ...unknownFields(plan),
  ]
  if (unknown.length > 0) {
    return {
      kind: 'unknown',
      findings: unknown.map((place) => refusal({ reason: 'UnknownRegister', ...place })),
    }
  }
  return {
    kind: 'planned',
    registers: wanted.flatMap(({ register, mask, value, id }) =>
      id === undefined
        ? []
        : [
            {
              name: register,
              kvmRegisterId: id,
              mask,
              value,
              optionalFields: optionalFields(plan, register),
              ceilings: ceilingsOf(plan, register),
            },
          ],
    ),
  }
}
