import type { CalledVcpu } from './call-situation.ts'
import type { LaunchPolicy } from './launch-policy.ts'
import type { NotifiedCall } from './notified-call.ts'

/** The call's own vCPU, before the others are looked at. */
export type OwnVcpu =
  | Exclude<CalledVcpu, { readonly kind: 'vcpu' }>
  | Pick<Extract<CalledVcpu, { readonly kind: 'vcpu' }>, 'kind' | 'state'>

/** When the other vCPUs of the process are looked at: not at all, while the call waits, or once its thread is stopped. */
export type WhenToLook = 'never' | 'now' | 'stopped'

/**
 * A call that waits is begun anew by each signal that its thread gets, and a stopped one is not: a thread whose vCPU will most likely be
 * levelled is stopped before anything is looked at. Where another look comes to something else than a level, its vCPU must get a mark by
 * which the call is known when it is made again. A reset needs no look, and its thread no stop.
 */
const atInit = (vcpu: OwnVcpu, isOutOfSight: boolean): WhenToLook => {
  if (vcpu.kind !== 'vcpu') return vcpu.kind === 'none' ? 'never' : 'now'
  if (vcpu.state === 'levelled') return 'never'
  return vcpu.state === 'unlevelled' || isOutOfSight ? 'now' : 'stopped'
}

/** When the other vCPUs are looked at that decide something about a call on this one. */
export const whenToLook = (
  policy: LaunchPolicy,
  call: NotifiedCall,
  { vcpu, isOutOfSight }: { readonly vcpu: OwnVcpu; readonly isOutOfSight: boolean },
): WhenToLook => {
  switch (call.kind) {
    case 'vcpu-init':
      return atInit(vcpu, isOutOfSight)
    case 'create-vm':
      return policy.implementationId ? 'now' : 'never'
    case 'vcpu-finalize':
    case 'get-reg-list':
      return policy.excludedRegisters.size > 0 ? 'now' : 'never'
    case 'check-extension':
    case 'other':
      return 'never'
    default:
      return call satisfies never
  }
}
