import { VCPU_FEATURES } from '../../api/vcpu-feature.ts'
import { capabilitiesOf } from '../../arm64/vcpu-features.ts'
import {
  KVM_ARM_VCPU_FINALIZE,
  KVM_ARM_VCPU_INIT,
  KVM_CREATE_VM,
  KVM_GET_REG_LIST,
} from '../../linux/abi/kvm.ts'
import { KVM_CAPABILITIES } from '../../linux/abi/kvm-numbers.generated.ts'
import type { FilteredIoctls } from '../../linux/seccomp/filter-program.ts'

/**
 * What a filter notifies that is installed before anybody knows the plan, as that of a pod: every call that any plan may need. It answers
 * no call itself, because plans differ in what they hide.
 */
export const WIDEST_IOCTLS: FilteredIoctls = Object.freeze({
  hidden: [],
  requests: [KVM_CREATE_VM, KVM_ARM_VCPU_INIT, KVM_ARM_VCPU_FINALIZE, KVM_GET_REG_LIST],
  capabilities: [
    KVM_CAPABILITIES.KVM_CAP_ARM_VM_IPA_SIZE,
    ...VCPU_FEATURES.flatMap(capabilitiesOf).map(({ number }) => number),
  ].toSorted((one, other) => one - other),
})
