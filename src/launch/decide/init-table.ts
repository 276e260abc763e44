import type { RefusalReason } from '../../catalogue/refusal-reasons.ts'
import type { VcpuState } from './vcpu-state.ts'

/** What decides about a KVM_ARM_VCPU_INIT. */
export type InitCase = {
  readonly state: VcpuState | 'unresolvable'
  readonly vm: 'none' | 'levelled' | 'unlevelled'
  readonly mayHaveRun: boolean
  /** The plan has something for the vCPU that its VM does not have for it. */
  readonly plansPerVcpu: boolean
}

/** What becomes of it. */
export type InitRow =
  /** Nothing is to be done: KVM keeps what was written. */
  | { readonly do: 'reset' }
  /** Its thread is stopped, and all that is planned is written and read back. */
  | { readonly do: 'level' }
  /** It is added to a VM that runs, and shows by that what is planned. */
  | { readonly do: 'join' }
  /** It cannot be levelled: refused under Strict, reported under BestEffort. */
  | { readonly do: 'cannot'; readonly reason: RefusalReason }
  /** BestEffort: its VM was reported, as it is not levelled. */
  | { readonly do: 'leave' }

const late = ({ plansPerVcpu }: InitCase): InitRow =>
  plansPerVcpu ? { do: 'cannot', reason: 'LateVcpuNotLevelled' } : { do: 'join' }

const inRunningProcess = (one: InitCase): InitRow => {
  if (one.state === 'unresolvable') return { do: 'cannot', reason: 'VcpuNotSeen' }
  if (one.state === 'unlevelled') return { do: 'leave' }
  if (one.vm === 'levelled') return late(one)
  if (one.vm === 'unlevelled') return { do: 'leave' }
  return { do: 'cannot', reason: 'ProcessHasRunningVm' }
}

/** The table of docs/adr/0015: what becomes of a KVM_ARM_VCPU_INIT. */
export const initRow = (one: InitCase): InitRow => {
  if (one.state === 'levelled') return { do: 'reset' }
  return one.mayHaveRun ? inRunningProcess(one) : { do: 'level' }
}
