import { fromHex64 } from '../api/hex64.ts'
import type { Plan } from '../api/plan.ts'
import type { SpecifiedBits, SpecifiedRegisters } from '../profile/register-values.ts'

const known = new WeakMap<Plan, SpecifiedRegisters>()

/** The specified bits of a plan by register, as bigint. Remembered per plan: it is judged against every host class. */
export const planBits = (plan: Plan): SpecifiedRegisters => {
  const bits =
    known.get(plan) ??
    new Map<string, SpecifiedBits>(
      plan.registers.map(({ register, mask, value }) => [
        register,
        { mask: fromHex64(mask), value: fromHex64(value) },
      ]),
    )
  known.set(plan, bits)
  return bits
}
