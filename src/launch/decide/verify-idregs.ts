import { toHex64 } from '../../api/hex64.ts'
import type { LaunchPolicy } from './launch-policy.ts'
import type { Verification } from './launch-record.ts'
import { levelRegister } from './level-register.ts'

/** Compares what debugfs shows of a VM that has run with the plan; the GIC fields are the VMM's and in no plan. */
export const verifyIdregs = (
  policy: LaunchPolicy,
  vm: string,
  shown: ReadonlyMap<string, bigint>,
): Verification => {
  const planned = policy.registers.map((register) => ({ register, value: shown.get(register.name) }))
  return {
    vm,
    different: planned.flatMap(({ register, value }) => {
      if (value === undefined) return []
      const wanted = levelRegister(register, value)
      return wanted === value
        ? []
        : [{ register: register.name, wanted: toHex64(wanted), shown: toHex64(value) }]
    }),
    notShown: planned.filter(({ value }) => value === undefined).map(({ register }) => register.name),
  }
}
