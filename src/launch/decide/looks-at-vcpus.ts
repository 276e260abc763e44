import type { LaunchPolicy } from './launch-policy.ts'
import type { NotifiedCall } from './notified-call.ts'
import type { VcpuState } from './vcpu-state.ts'

/**
 * Whether the other vCPUs of the process decide something about a call whose own vCPU is in this state. They are not looked at where
 * not: resets are the most frequent call of a launch, and each look costs some calls for each vCPU.
 */
export const looksAtVcpus = (
  policy: LaunchPolicy,
  call: NotifiedCall,
  state: VcpuState | undefined,
): boolean => {
  switch (call.kind) {
    case 'vcpu-init':
      return state !== 'levelled'
    case 'create-vm':
      return policy.implementationId
    case 'vcpu-finalize':
    case 'get-reg-list':
      return policy.excludedRegisters.size > 0
    case 'check-extension':
    case 'other':
      return false
    default:
      return call satisfies never
  }
}
