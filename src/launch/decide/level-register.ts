import { fieldMask } from '../../arm64/field.ts'
import { underCeilings } from '../../arm64/field-ceiling.ts'
import type { PlannedRegister } from './planned-register.ts'

/**
 * PSCI 0.1: what a vCPU made without KVM_ARM_VCPU_PSCI_0_2 shows, and all that KVM takes there (kvm_arm_set_fw_reg,
 * arch/arm64/kvm/hypercalls.c, 6.18). QEMU's scratch vCPU is one; it never runs.
 */
const PSCI_0_1 = 1n

const isFixed = (planned: PlannedRegister, had: bigint): boolean =>
  planned.name === 'KVM_REG_ARM_PSCI_VERSION' && had === PSCI_0_1

/**
 * What a register shall be on a vCPU that shows `had`: the planned bits as planned, the others as they are or at their ceiling. A field whose
 * vCPU feature this VMM did not ask for is 0 and stays 0: raising it would be refused.
 */
export const levelRegister = (planned: PlannedRegister, had: bigint): bigint => {
  if (isFixed(planned, had)) return had
  const absent = planned.optionalFields.reduce(
    (bits, field) => ((had & field) === 0n ? bits | field : bits),
    0n,
  )
  const mask = planned.mask & ~absent
  const ceilings = planned.ceilings.filter(({ field }) => (fieldMask(field) & absent) === 0n)
  return underCeilings((had & ~mask) | (planned.value & mask), ceilings)
}
