import type { LaunchRefusal } from '../../api/finding.ts'
import { KVM_CAPABILITIES } from '../../linux/abi/kvm-numbers.generated.ts'
import { refusal, type RefusalReason } from '../../catalogue/refusal-reasons.ts'
import type { CallSituation } from './call-situation.ts'
import { initRow, type InitRow } from './init-table.ts'
import { isStrict, type LaunchPolicy } from './launch-policy.ts'
import type { NotifiedCall } from './notified-call.ts'
import { requestsSve, unaskedFeatureRefusals } from './requested-features.ts'
import { shownIpaBits } from './shown-ipa-bits.ts'
import type { VcpuState } from './vcpu-state.ts'

/** A call that goes on as if there were no filter, and what is left behind for the calls after it. */
export type Resumed = {
  readonly kind: 'resume'
  /** The call's vCPU gets this mark first. */
  readonly mark?: VcpuState
  /** From now on a vCPU of the process may run that cannot be seen. */
  readonly losesSight?: true
  readonly refused?: LaunchRefusal
}

/** How a call that waits is answered. */
export type Answer =
  /** It returns this, and never happens. */
  | { readonly kind: 'return'; readonly value: number }
  | Resumed
  /** Its thread is stopped, and the call made on its behalf with what must come before and after. */
  | { readonly kind: 'intervene' }
  /** KVM_ARM_VCPU_FINALIZE of SVE returns 0 and is never made, because the vCPU has no SVE; of anything else it goes on. */
  | { readonly kind: 'finalize-without-sve' }
  /** KVM_ARM_VCPU_FINALIZE goes on; of SVE it makes what was written as vector lengths last. */
  | { readonly kind: 'finalize-lengths' }
  /** Its memory gets the register list that was kept. */
  | { readonly kind: 'give-register-list'; readonly list: readonly bigint[] }
  /** It fails with EINVAL, and the launch with it. */
  | { readonly kind: 'refuse'; readonly refused: LaunchRefusal }

/** How a KVM_ARM_VCPU_INIT is answered. */
export type InitAnswer = Extract<Answer, { readonly kind: 'resume' | 'intervene' | 'refuse' }>

const RESUME: Resumed = { kind: 'resume' }

/** What cannot be done: it fails under Strict, and goes on under BestEffort with a report. */
const cannot = (
  policy: LaunchPolicy,
  reason: RefusalReason,
  left: Omit<Resumed, 'kind'> = {},
): InitAnswer => {
  const refused = refusal({ reason })
  return isStrict(policy) ? { kind: 'refuse', refused } : { kind: 'resume', refused, ...left }
}

const onCheckExtension = (policy: LaunchPolicy, { host }: CallSituation, capability: number): Answer => {
  if (policy.hiddenCapabilities.has(capability)) return { kind: 'return', value: 0 }
  if (capability !== KVM_CAPABILITIES.KVM_CAP_ARM_VM_IPA_SIZE) return RESUME
  const value = shownIpaBits(policy, host.ipaBits)
  return value === undefined ? RESUME : { kind: 'return', value }
}

/** Whether the plan has something that a vCPU of these features does not get from its VM. Unknown features are taken to be all. */
const plansPerVcpu = (policy: LaunchPolicy, features: readonly number[] | undefined): boolean =>
  policy.plansVcpuRegisters ||
  (policy.sveVectorLengths !== undefined && (features === undefined || requestsSve(features)))

const resumedInit = (row: Exclude<InitRow, { readonly do: 'cannot' }>): InitAnswer => {
  switch (row.do) {
    case 'reset':
      return RESUME
    case 'level':
      return { kind: 'intervene' }
    case 'join':
      return { kind: 'resume', mark: 'levelled' }
    case 'leave':
      return { kind: 'resume', mark: 'unlevelled' }
    default:
      return row satisfies never
  }
}

/** Decides what becomes of a KVM_ARM_VCPU_INIT: {@link initRow}, with what is left behind. */
export const onVcpuInit = (policy: LaunchPolicy, situation: CallSituation): InitAnswer => {
  const { vcpu, mayHaveRun, features, host } = situation
  // KVM itself says what is wrong with it.
  if (vcpu.kind === 'none') return RESUME
  const row = initRow({
    state: vcpu.kind === 'vcpu' ? vcpu.state : vcpu.kind,
    vm: vcpu.kind === 'vcpu' ? vcpu.vm : 'none',
    mayHaveRun,
    plansPerVcpu: plansPerVcpu(policy, features),
  })
  if (row.do === 'cannot')
    return cannot(policy, row.reason, vcpu.kind === 'vcpu' ? { mark: 'unlevelled' } : { losesSight: true })
  const tooOld = row.do === 'level' && policy.plansVcpuRegisters && !host.keepsClidr
  return tooOld && isStrict(policy) ? cannot(policy, 'KernelTooOld') : resumedInit(row)
}

const hasCertainlyNoSve = (policy: LaunchPolicy, { features }: CallSituation): boolean => {
  if (!policy.disabledFeatures.includes('sve')) return false
  // Under Strict each INIT that asked for it has failed; under BestEffort the VMM got it, whether or not the INIT was looked at.
  return isStrict(policy) || (features !== undefined && !requestsSve(features))
}

/** A vCPU whose INIT did not ask for what the plan requires. Where a successor does not know its features, the first cannot be named. */
const onFinalizeOfLacking = (policy: LaunchPolicy, { features }: CallSituation): Answer => {
  const [named] = features === undefined ? [] : unaskedFeatureRefusals(policy, features)
  const refused = named ?? refusal({ reason: 'VcpuFeatureNotAsked' })
  return isStrict(policy) ? { kind: 'refuse', refused } : { kind: 'resume', refused, mark: 'unlevelled' }
}

const onVcpuFinalize = (policy: LaunchPolicy, situation: CallSituation): Answer => {
  if (hasCertainlyNoSve(policy, situation)) return { kind: 'finalize-without-sve' }
  if (situation.vcpu.kind === 'vcpu' && situation.vcpu.state === 'lacking')
    return onFinalizeOfLacking(policy, situation)
  const takesList = policy.excludedRegisters.size > 0 && situation.registerList === undefined
  if (takesList && !situation.mayHaveRun && situation.vcpu.kind === 'vcpu') return { kind: 'intervene' }
  const { vcpu } = situation
  return vcpu.kind === 'vcpu' && vcpu.state === 'lengths-pending' ? { kind: 'finalize-lengths' } : RESUME
}

const onGetRegList = (policy: LaunchPolicy, situation: CallSituation): Answer => {
  const { registerList: list, vcpu, mayHaveRun } = situation
  if (policy.excludedRegisters.size === 0 || vcpu.kind === 'none') return RESUME
  if (list !== undefined) return { kind: 'give-register-list', list }
  return mayHaveRun ? cannot(policy, 'RegisterListLost') : { kind: 'intervene' }
}

/** Decides what becomes of a call that waits, whatever the filter notifies: docs/adr/0004 and 0015 have why. */
export const onNotification = (
  policy: LaunchPolicy,
  situation: CallSituation,
  call: NotifiedCall,
): Answer => {
  switch (call.kind) {
    case 'check-extension':
      return onCheckExtension(policy, situation, call.capability)
    case 'create-vm':
      // Where a VM may have run nothing is done to the new one: its first INIT will say so.
      return policy.implementationId && !situation.mayHaveRun ? { kind: 'intervene' } : RESUME
    case 'vcpu-init':
      return onVcpuInit(policy, situation)
    case 'vcpu-finalize':
      return onVcpuFinalize(policy, situation)
    case 'get-reg-list':
      return onGetRegList(policy, situation)
    case 'other':
      return RESUME
    default:
      return call satisfies never
  }
}
