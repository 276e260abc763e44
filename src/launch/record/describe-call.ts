import { KVM_CAPABILITIES } from '../../linux/abi/kvm-numbers.generated.ts'
import type { NotifiedCall } from '../decide/notified-call.ts'

const NAMES = new Map<number, string>(
  Object.entries(KVM_CAPABILITIES).map(([name, number]) => [number, name]),
)

/** A notified call as the record names it. */
export const describeCall = (call: NotifiedCall): string => {
  switch (call.kind) {
    case 'create-vm':
      return 'KVM_CREATE_VM'
    case 'check-extension':
      return `KVM_CHECK_EXTENSION(${NAMES.get(call.capability) ?? call.capability})`
    case 'vcpu-init':
      return 'KVM_ARM_VCPU_INIT'
    case 'vcpu-finalize':
      return 'KVM_ARM_VCPU_FINALIZE'
    case 'get-reg-list':
      return 'KVM_GET_REG_LIST'
    case 'other':
      return 'another call'
    default:
      return call satisfies never
  }
}
