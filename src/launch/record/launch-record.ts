import type { LaunchRefusal } from '../../api/finding.ts'

/** One field of a register that a launch changed or was refused; values as numbers, 0x-strings where wider than 32 bits. */
export type FieldRecord = {
  readonly field: string
  readonly wanted: string
  readonly before: string
  readonly kept: string
}

/** One register that a launch wrote: 64-bit values as 0x-strings. `fields` are those in which the three differ. */
export type RegisterRecord = {
  readonly register: string
  readonly wanted: string
  readonly before: string
  readonly kept: string
  readonly fields: readonly FieldRecord[]
}

/** How a launch failed. `vmm-…`: what the VMM, or another about it, did. */
export const LAUNCH_FAILURES = [
  'refused',
  'vmm-exited',
  'vmm-frozen',
  'vmm-traced-by-another',
  'process-has-running-vm',
  'lost-supervisor',
] as const
export type LaunchFailure = (typeof LAUNCH_FAILURES)[number]

/**
 * How a launch went. `no-vm`: none was made. `not-needed`: every vCPU showed what was planned. `applied`: written and read back.
 * `partly-applied`: BestEffort, `refused` says what not. `verified`: and KVM's debugfs shows it after the VM has run.
 * `different`: debugfs shows something else. `refused`: the launch was made to fail, and with the others that follow it failed for a
 * reason of its own.
 */
export type LaunchOutcome =
  'no-vm' | 'not-needed' | 'applied' | 'partly-applied' | 'verified' | 'different' | LaunchFailure

/** What debugfs showed of every VM of the launch that has run and is there yet. */
export type Verification = {
  /** Their folders in debugfs: <tid>-<fd>. */
  readonly vms: readonly string[]
  readonly different: readonly {
    readonly vm: string
    readonly register: string
    readonly wanted: string
    readonly shown: string
  }[]
  /** Planned registers that this kernel's debugfs does not show. */
  readonly notShown: readonly string[]
}

/** The step of a record that is the sum of the others and of what is in none of them. */
export const IN_ALL = 'in all'

/** What one launch came to. Plain JSON; times in microseconds. */
export type LaunchRecord = {
  readonly formatVersion: 1
  readonly outcome: LaunchOutcome
  readonly enforcement: 'Strict' | 'BestEffort'
  /** The process that made the last VM; pid 0 while there is none. */
  readonly process: { readonly pid: number; readonly command: string }
  /** KVM_CREATE_VM and KVM_ARM_VCPU_INIT calls that were levelled: scratch VMs count. */
  readonly vms: number
  readonly vcpus: number
  /** What the plan specifies, by register. */
  readonly planned: readonly string[]
  /** Capabilities that the filter hides from KVM_CHECK_EXTENSION, whether or not the VMM asks and the host has them. */
  readonly hidden: readonly string[]
  readonly registers: readonly RegisterRecord[]
  readonly refused: readonly LaunchRefusal[]
  /**
   * How many more refusals there were than `refused` lists: of the same reason, about the same thing, it has only the first ones. The key
   * keeps its name, because records and saved states have it.
   */
  readonly findingsLeftOut?: number
  readonly calls: readonly { readonly call: string; readonly answer: string; readonly count: number }[]
  readonly steps: readonly { readonly step: string; readonly count: number; readonly microseconds: number }[]
  /** The pid of a process of which a VM was seen that has run; only where a node-agent serves the launch. */
  readonly ran?: number
  readonly verification?: Verification
}
