import { fromHex64 } from '../api/hex64.ts'
import type { Plan } from '../api/plan.ts'
import { fieldMask } from '../arm64/field.ts'
import type { FieldCeiling } from '../arm64/field-ceiling.ts'
import { fieldNamed } from '../arm64/register.ts'
import type { SpecifiedBits } from '../plan/register-values.ts'

/** What a plan says of a register: its specified bits, and the most that other fields may show. */
export type PlannedBits = SpecifiedBits & { readonly ceilings: readonly FieldCeiling[] }

/** What a plan says that names nothing of a register. */
export const NOTHING_PLANNED: PlannedBits = { mask: 0n, value: 0n, ceilings: [] }

const known = new WeakMap<Plan, ReadonlyMap<string, PlannedBits>>()

const bitsOf = ({ registers, atMost = [] }: Plan): ReadonlyMap<string, PlannedBits> => {
  const bits = new Map<string, PlannedBits>(
    registers.map(({ register, mask, value }) => [
      register,
      { mask: fromHex64(mask), value: fromHex64(value), ceilings: [] },
    ]),
  )
  for (const { register: name, field: fieldName, value } of atMost) {
    const field = fieldNamed(name, fieldName)
    const said = bits.get(name) ?? NOTHING_PLANNED
    if (field !== undefined) bits.set(name, { ...said, ceilings: [...said.ceilings, { field, value }] })
  }
  return bits
}

/** What a plan says of its registers, as bigint. Remembered per plan: it is judged against every host class. */
export const planBits = (plan: Plan): ReadonlyMap<string, PlannedBits> => {
  const bits = known.get(plan) ?? bitsOf(plan)
  known.set(plan, bits)
  return bits
}

/** The bits of a register that a plan says something of. */
export const saidBits = (plan: Plan, register: string): bigint => {
  const { mask, ceilings } = planBits(plan).get(register) ?? NOTHING_PLANNED
  return ceilings.reduce((bits, { field }) => bits | fieldMask(field), mask)
}
