/**
 * What was done with a vCPU: the mark on its file, which KVM keeps. What it says is true without anything else that is known. `none`:
 * never INITed, so it cannot run.
 */
export type VcpuState =
  | 'none'
  /** It may have been INITed, and is not levelled. */
  | 'begun'
  /** All that is planned for it and its VM was written and read back. */
  | 'levelled'
  /** So, but an INIT before KVM_ARM_VCPU_FINALIZE takes back its SVE vector lengths. */
  | 'lengths-pending'
  /**
   * So, but its VMM did not ask for a feature that the plan requires. It has SVE, so KVM does not run it before KVM_ARM_VCPU_FINALIZE
   * (kvm_arch_vcpu_run_pid_change, 6.12), and that says what becomes of it.
   */
  | 'lacking'
  /** BestEffort: it goes on with something else than was planned. */
  | 'unlevelled'

/** The number of each state: as the signal of a file, 1 to 64. */
const NUMBERS: Readonly<Record<VcpuState, number>> = {
  none: 0,
  begun: 51,
  levelled: 52,
  'lengths-pending': 53,
  unlevelled: 54,
  lacking: 55,
}

const STATES = new Map(Object.entries(NUMBERS).map(([state, number]) => [number, state as VcpuState]))

export const numberOfState = (state: VcpuState): number => NUMBERS[state]

/** The state of a number; one that is none of ours is the VMM's own: its vCPU counts as begun. */
export const stateOfNumber = (number: number): VcpuState => STATES.get(number) ?? 'begun'
