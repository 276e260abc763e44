import { toHex64 } from '../../api/hex64.ts'
import type { LaunchPolicy } from '../decide/launch-policy.ts'
import type { Verification } from './launch-record.ts'
import { levelled } from '../../plan/level.ts'

/** What a VM that has run shows. */
export type ShownVm = {
  /** Its folder in debugfs. */
  readonly vm: string
  readonly shown: ReadonlyMap<string, bigint>
}

type Kept = ReadonlyMap<string, bigint>
type Difference = Verification['different'][number]

const differences = (policy: LaunchPolicy, { vm, shown }: ShownVm, kept: Kept): Difference[] => {
  const applied = new Map([...levelled(policy.registers, shown), ...kept])
  return policy.registers.flatMap(({ name: register }) => {
    const [wanted, value] = [applied.get(register), shown.get(register)]
    if (value === undefined || wanted === undefined || wanted === value) return []
    return [{ vm, register, wanted: toHex64(wanted), shown: toHex64(value) }]
  })
}

/** The fewest: the VM is the one of which that was kept. */
const fewest = (found: readonly Difference[][]): Difference[] =>
  found.reduce((least, one) => (one.length < least.length ? one : least))

/**
 * Compares what debugfs shows of VMs that have run with what was applied; what was refused before does not count again. `kept`: what KVM
 * kept of the writes to each VM; which one a folder is of debugfs does not say.
 */
export const verifyIdregs = (
  policy: LaunchPolicy,
  vms: readonly ShownVm[],
  kept: readonly Kept[],
): Verification => ({
  vms: vms.map(({ vm }) => vm),
  different: vms.flatMap((vm) =>
    fewest((kept.length === 0 ? [new Map()] : kept).map((one) => differences(policy, vm, one))),
  ),
  notShown: policy.registers
    .map(({ name }) => name)
    .filter((name) => vms.some(({ shown }) => !shown.has(name))),
})
