import type { Finding } from '../../api/finding.ts'
import { fromHex64 } from '../../api/hex64.ts'
import type { Plan } from '../../api/plan.ts'
import { fieldMask } from '../../arm64/field.ts'
import { firmwareRegisterByName } from '../../arm64/firmware-registers.ts'
import { implementationRegisters } from '../../arm64/implementation-registers.ts'
import { registerByName } from '../../arm64/register.ts'
import { vcpuFeatureOfField } from '../../arm64/vcpu-features.ts'
import { refusal } from './refusal.ts'

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
  const wanted = wantedRegisters(plan).map((one) => ({
    ...one,
    id: (registerByName(one.register) ?? firmwareRegisterByName(one.register))?.kvmRegisterId,
  }))
  const unknown = wanted.filter(({ id }) => id === undefined)
  if (unknown.length > 0) {
    return {
      kind: 'unknown',
      findings: unknown.map(({ register }) => refusal({ reason: 'UnknownRegister', register })),
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
            },
          ],
    ),
  }
}
