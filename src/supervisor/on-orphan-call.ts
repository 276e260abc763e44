import type { VcpuState } from '../launch/decide/vcpu-state.ts'
import type { NotifiedCall } from '../launch/decide/notified-call.ts'

/** What KVM shows of a vCPU to whoever has its file. */
export type ShownVcpu = {
  readonly state: VcpuState
  /** `exit_reason` of its kvm_run: 0 until it has left the guest for the first time. */
  readonly exitReason: number
}

/**
 * Whether a vCPU was levelled, or reported: its mark says so. Versions before the marks left none: one that has been in the guest was
 * INITed before, and a filter lets no INIT succeed that was not served.
 */
export const isLevelled = ({ state, exitReason }: ShownVcpu): boolean =>
  state === 'levelled' || state === 'unlevelled' || exitReason !== 0

/** How a call is answered of a launch whose plan and state nobody can read. */
export type OrphanAnswer = 'resume' | 'refuse'

/**
 * A call that needs neither plan nor state goes on: the reset of a levelled vCPU, because KVM keeps what was written, and a
 * KVM_ARM_VCPU_FINALIZE, if the INIT decided what becomes final. Every other call is refused: a VM, a vCPU or an answer would not be as
 * planned. `vcpu` is the vCPU of the call's fd; undefined if the fd is not a vCPU.
 */
export const onOrphanCall = ({ kind }: NotifiedCall, vcpu: ShownVcpu | undefined): OrphanAnswer => {
  switch (kind) {
    case 'vcpu-init':
      return resumeIf(vcpu !== undefined && isLevelled(vcpu))
    case 'vcpu-finalize':
      return resumeIf(vcpu?.state !== 'lacking')
    case 'other':
      return 'resume'
    case 'create-vm':
    case 'check-extension':
    case 'get-reg-list':
      return 'refuse'
    default:
      return kind satisfies never
  }
}

const resumeIf = (goesOn: boolean): OrphanAnswer => (goesOn ? 'resume' : 'refuse')
