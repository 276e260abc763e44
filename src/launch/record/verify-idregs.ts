import { toHex64 } from '../../api/hex64.ts'
import type { LaunchPolicy } from '../decide/launch-policy.ts'
import type { Verification } from './launch-record.ts'
import { levelled } from '../../plan/level.ts'

/** What a VM shows, and what was kept of the registers that were written. */
export type ShownVm = {
  /** Its folder in debugfs. */
  readonly vm: string
  readonly shown: ReadonlyMap<string, bigint>
  readonly kept: ReadonlyMap<string, bigint>
}

/** Compares what debugfs shows of a VM that has run with what was applied; what was refused before does not count again. */
export const verifyIdregs = (policy: LaunchPolicy, { vm, shown, kept }: ShownVm): Verification => {
  const applied = new Map([...levelled(policy.registers, shown), ...kept])
  const names = policy.registers.map(({ name }) => name)
  return {
    vm,
    different: names.flatMap((register) => {
      const [wanted, value] = [applied.get(register), shown.get(register)]
      if (value === undefined || wanted === undefined || wanted === value) return []
      return [{ register, wanted: toHex64(wanted), shown: toHex64(value) }]
    }),
    notShown: names.filter((name) => !shown.has(name)),
  }
}
