import { fieldMask } from '../arm64/field.ts'
import { underCeilings } from '../arm64/field-ceiling.ts'
import type { PlannedRegister } from './planned-register.ts'

/**
 * PSCI 0.1: what a vCPU made without KVM_ARM_VCPU_PSCI_0_2 shows, and all that KVM takes there (kvm_arm_set_fw_reg,
 * arch/arm64/kvm/hypercalls.c, 6.18). QEMU's scratch vCPU is one; it never runs.
 */
const PSCI_0_1 = 1n

const isFixed = ({ name }: PlannedRegister, shown: bigint): boolean =>
  name === 'KVM_REG_ARM_PSCI_VERSION' && shown === PSCI_0_1

const absentBits = ({ optionalBits }: PlannedRegister, shown: bigint): bigint =>
  optionalBits.reduce((bits, mask) => ((shown & mask) === 0n ? bits | mask : bits), 0n)

/**
 * What a register becomes on a vCPU that shows `shown`: the specified bits as planned, a field above its ceiling at its ceiling, all
 * else as it is. A field whose vCPU feature this VMM did not ask for is 0 and stays 0: KVM would refuse to raise it.
 */
export const levelRegister = (planned: PlannedRegister, shown: bigint): bigint => {
  if (isFixed(planned, shown)) return shown
  const absent = absentBits(planned, shown)
  const mask = planned.mask & ~absent
  const ceilings = planned.ceilings.filter(({ field }) => (fieldMask(field) & absent) === 0n)
  return underCeilings((shown & ~mask) | (planned.value & mask), ceilings)
}
