import type { LaunchRecord } from '../../launch/record/launch-record.ts'

/**
 * What the annotation cpufeatures.dev/applied of a pod holds, as JSON: what was planned, and what KVM kept. 64-bit values as 0x-strings.
 */
export type AppliedProof = {
  readonly formatVersion: 1
  readonly revision: string
  readonly container: string
  readonly outcome: LaunchRecord['outcome']
  readonly process: LaunchRecord['process']
  readonly vms: number
  readonly vcpus: number
  readonly planned: readonly string[]
  /** The registers that were written, with what KVM kept. */
  readonly kept: Readonly<Record<string, string>>
  readonly hidden: readonly string[]
  /** Registers that debugfs showed as kept after the VM had run; undefined: it was not looked at, or not shown. */
  readonly verified?: readonly string[]
}

/** The proof of a launch. */
export const appliedProof = (container: string, revision: string, record: LaunchRecord): AppliedProof => {
  const { outcome, process, vms, vcpus, planned, registers, hidden, verification } = record
  const unproven = new Set([
    ...(verification?.notShown ?? []),
    ...(verification?.different ?? []).map(({ register }) => register),
  ])
  return {
    formatVersion: 1,
    revision,
    container,
    outcome,
    process,
    vms,
    vcpus,
    planned,
    kept: Object.fromEntries(registers.map(({ register, kept }) => [register, kept])),
    hidden,
    ...(verification !== undefined && { verified: planned.filter((name) => !unproven.has(name)) }),
  }
}
