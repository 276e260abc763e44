import type { VcpuFeature } from '../api/vcpu-feature.ts'
import { hasAnyBit, withBits, withBitsOf, withoutBits } from '../arm64/bits.ts'
import { fieldMask } from '../arm64/field.ts'
import { underCeilings } from '../arm64/field-ceiling.ts'
import type { GuestView } from '../arm64/register.ts'
import type { PlannedRegister } from './planned-register.ts'

/**
 * PSCI 0.1: what a vCPU made without KVM_ARM_VCPU_PSCI_0_2 shows, and all that KVM takes there (kvm_arm_set_fw_reg,
 * arch/arm64/kvm/hypercalls.c, 6.18). QEMU's scratch vCPU is one; it never runs.
 */
const PSCI_0_1 = 1n

const isFixed = ({ name }: PlannedRegister, shown: bigint): boolean =>
  name === 'KVM_REG_ARM_PSCI_VERSION' && shown === PSCI_0_1

/** Whether a vCPU of this view has a vCPU feature that the plan leaves to the VMM. */
type HasFeature = (feature: VcpuFeature) => boolean

const unwrittenBits = ({ optionalBits }: PlannedRegister, has: HasFeature): bigint =>
  optionalBits.reduce((bits, { feature, mask }) => (has(feature) ? bits : withBits(bits, mask)), 0n)

const levelRegister = (planned: PlannedRegister, shown: bigint, has: HasFeature): bigint => {
  if (isFixed(planned, shown)) return shown
  const unwritten = unwrittenBits(planned, has)
  const mask = withoutBits(planned.mask, unwritten)
  const ceilings = planned.ceilings.filter(({ field }) => !hasAnyBit(unwritten, fieldMask(field)))
  return underCeilings(withBitsOf(shown, mask, planned.value), ceilings)
}

const presentFeatures = (registers: readonly PlannedRegister[], view: GuestView): HasFeature => {
  const present = new Set<VcpuFeature>()
  for (const { name, optionalBits } of registers)
    for (const { feature, mask } of optionalBits)
      if (hasAnyBit(view.get(name) ?? 0n, mask)) present.add(feature)
  return (feature) => present.has(feature)
}

/**
 * What each register of a vCPU becomes under a plan, by name, from what the vCPU shows before anything is written: the
 * specified bits as planned, a field above its ceiling at its ceiling, all else as it is. Registers that `view` does not have
 * are left out. The bits of an optional vCPU feature are left alone where the vCPU does not have it: KVM would refuse to
 * raise them. A vCPU has a feature where any bit that comes with it is set.
 */
export const levelled = (registers: readonly PlannedRegister[], view: GuestView): Map<string, bigint> => {
  const has = presentFeatures(registers, view)
  const result = new Map<string, bigint>()
  for (const planned of registers) {
    const shown = view.get(planned.name)
    if (shown !== undefined) result.set(planned.name, levelRegister(planned, shown, has))
  }
  return result
}

/**
 * The registers that the vCPU does not have although the plan wants a bit of them to be set. Guests read a register that KVM hides as
 * zero, so a plan that wants zero there holds without a write.
 */
export const missingRegisters = (
  registers: readonly PlannedRegister[],
  view: GuestView,
): readonly PlannedRegister[] => {
  const has = presentFeatures(registers, view)
  return registers.filter((planned) => !view.has(planned.name) && levelRegister(planned, 0n, has) !== 0n)
}
