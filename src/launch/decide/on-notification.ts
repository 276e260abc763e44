import type { PlanFinding } from '../../api/finding.ts'
import { KVM_CAPABILITIES } from '../../linux/abi/kvm-numbers.generated.ts'
import type { LaunchPolicy } from './launch-policy.ts'
import type { NotifiedCall } from './notified-call.ts'
import { refusal } from '../../catalogue/refusal-reasons.ts'
import { shownIpaBits } from './shown-ipa-bits.ts'

/** What is known of the process whose call waits. */
export type ProcessSituation = {
  /** A VM of this process may have run: it is never ptraced. */
  readonly mayHaveRun: boolean
  /** A VM was made since, and could not be levelled. */
  readonly hasUnlevelledVm: boolean
  /** The call's vCPU is, for certain, one that was levelled. */
  readonly isLevelledVcpu: boolean
  /** There is no VM but such in which a vCPU was levelled. */
  readonly hasLevelledVmsOnly: boolean
  /**
   * The register list of the call's vCPU, or where a VM may have run of another vCPU of the process: answered without stopping
   * anything.
   */
  readonly registerList: readonly bigint[] | undefined
  /** A vCPU was asked for with SVE, though the plan disables it. */
  readonly askedForSve: boolean
  /** What this host answers for KVM_CAP_ARM_VM_IPA_SIZE; 0 if it could not be asked. */
  readonly hostIpaBits: number
}

/** How a call that waits is answered. */
export type Answer =
  /** It returns this, and never happens. */
  | { readonly kind: 'return'; readonly value: number }
  /** It goes on as if there were no filter. */
  | { readonly kind: 'resume'; readonly finding?: PlanFinding }
  /** Its thread is stopped, and the call made on its behalf with what must come before and after. */
  | { readonly kind: 'intervene' }
  /** KVM_ARM_VCPU_FINALIZE of SVE returns 0 and never happens, for the vCPU has none; of anything else it goes on. */
  | { readonly kind: 'finalize-without-sve' }
  /** Its memory gets the register list that was kept. */
  | { readonly kind: 'give-register-list'; readonly list: readonly bigint[] }
  /** It fails with EINVAL, and the launch with it. */
  | { readonly kind: 'refuse'; readonly finding: PlanFinding }

const hasRunningVm = (policy: LaunchPolicy): Answer => {
  const finding = refusal({ reason: 'ProcessHasRunningVm' })
  return policy.enforcement === 'Strict' ? { kind: 'refuse', finding } : { kind: 'resume', finding }
}

/** What is hidden the filter answers itself. */
const onCheckExtension = (policy: LaunchPolicy, situation: ProcessSituation, capability: number): Answer => {
  if (capability !== KVM_CAPABILITIES.KVM_CAP_ARM_VM_IPA_SIZE) return { kind: 'resume' }
  const value = shownIpaBits(policy, situation.hostIpaBits)
  return value === undefined ? { kind: 'resume' } : { kind: 'return', value }
}

const onVcpuInit = (policy: LaunchPolicy, situation: ProcessSituation): Answer => {
  // A reset: KVM keeps the ID registers of a VM that were written before it ran.
  if (situation.isLevelledVcpu) return { kind: 'resume' }
  if (!situation.mayHaveRun) return { kind: 'intervene' }
  // A reset, or a late vCPU.
  if (!situation.hasUnlevelledVm || situation.hasLevelledVmsOnly) return { kind: 'resume' }
  return hasRunningVm(policy)
}

const hasCertainlyNoSve = (policy: LaunchPolicy, situation: ProcessSituation): boolean => {
  if (!policy.disabledFeatures.includes('sve')) return false
  // Under Strict each INIT that asked for it has failed; under BestEffort the VMM got it, whether or not the INIT was examined.
  return policy.enforcement === 'Strict' || !(situation.askedForSve || situation.hasUnlevelledVm)
}

const onVcpuFinalize = (policy: LaunchPolicy, situation: ProcessSituation): Answer => {
  if (hasCertainlyNoSve(policy, situation)) return { kind: 'finalize-without-sve' }
  // Where a VM may have run the list of its other vCPUs is known.
  const takesList = policy.excludedRegisters.size > 0 && !situation.mayHaveRun
  return { kind: takesList ? 'intervene' : 'resume' }
}

const onGetRegList = (policy: LaunchPolicy, situation: ProcessSituation): Answer => {
  const { registerList: list } = situation
  if (list !== undefined) return { kind: 'give-register-list', list }
  return situation.mayHaveRun ? hasRunningVm(policy) : { kind: 'intervene' }
}

/** Decides what becomes of a call that waits: docs/adr/0004 has why. */
export const onNotification = (
  policy: LaunchPolicy,
  situation: ProcessSituation,
  call: NotifiedCall,
): Answer => {
  switch (call.kind) {
    case 'check-extension':
      return onCheckExtension(policy, situation, call.capability)
    case 'create-vm':
      // Where a VM may have run nothing is levelled any more: the new VM's first INIT will say so.
      return situation.mayHaveRun ? { kind: 'resume' } : { kind: 'intervene' }
    case 'vcpu-init':
      return onVcpuInit(policy, situation)
    case 'vcpu-finalize':
      return onVcpuFinalize(policy, situation)
    case 'get-reg-list':
      return onGetRegList(policy, situation)
    case 'other':
      return { kind: 'resume' }
    default:
      return call satisfies never
  }
}
