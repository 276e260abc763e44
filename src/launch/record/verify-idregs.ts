import { toHex64 } from '../../api/hex64.ts'
import type { LaunchPolicy } from '../decide/launch-policy.ts'
import type { Verification } from './launch-record.ts'
import { levelRegister } from '../../plan/level.ts'

/** What a VM shows, and what was kept of the registers that were written. */
export type ShownVm = {
  /** Its folder in debugfs. */
  readonly vm: string
  readonly shown: ReadonlyMap<string, bigint>
  readonly kept: ReadonlyMap<string, bigint>
}

/** Compares what debugfs shows of a VM that has run with what was applied; what was refused before is no difference again. */
export const verifyIdregs = (policy: LaunchPolicy, { vm, shown, kept }: ShownVm): Verification => {
  const planned = policy.registers.map((register) => ({ register, value: shown.get(register.name) }))
  return {
    vm,
    different: planned.flatMap(({ register, value }) => {
      if (value === undefined) return []
      const wanted = kept.get(register.name) ?? levelRegister(register, value)
      return wanted === value
        ? []
        : [{ register: register.name, wanted: toHex64(wanted), shown: toHex64(value) }]
    }),
    notShown: planned.filter(({ value }) => value === undefined).map(({ register }) => register.name),
  }
}
