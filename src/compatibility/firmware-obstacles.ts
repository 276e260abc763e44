import type { HostDocument } from '../api/host-document.ts'
import { fromHex64 } from '../api/hex64.ts'
import type { ResolvedPlan } from '../plan/read-plan.ts'
import { withoutBits } from '../arm64/bits.ts'
import { FIRMWARE_REGISTERS } from '../arm64/firmware-register-table.generated.ts'
import type { FirmwareRegister } from '../arm64/firmware-registers.ts'
import { blocked, obstacle } from './reach-obstacle.ts'
import type { ReachObstacle } from './reach-obstacle.ts'

/** Whether KVM refuses a stream's value on a host of another level (kvm_arm_set_fw_reg, arch/arm64/kvm/hypercalls.c). */
const refuses = ({ rule }: FirmwareRegister, incoming: bigint, level: bigint): boolean =>
  rule === 'And' ? withoutBits(incoming, level) !== 0n : incoming > level

const compared = (register: FirmwareRegister, a: string, b: string): readonly ReachObstacle[] => {
  const [onA, onB] = [fromHex64(a), fromHex64(b)]
  const blocks = blocked(refuses(register, onA, onB), refuses(register, onB, onA))
  if (blocks === undefined) return []
  const said = { register: register.name, a, b }
  if (register.rule === 'Fixed') {
    return [obstacle(blocks, 'MitigationLevelDiffers', { ...said, writable: false })]
  }
  return [obstacle(blocks, 'FirmwareLevelDiffers', { ...said, writable: true })]
}

/** Firmware registers that the plan does not level and that a stream carries: which direction they block. */
export const firmwareObstacles = (
  plan: ResolvedPlan,
  a: HostDocument,
  b: HostDocument,
): readonly ReachObstacle[] =>
  FIRMWARE_REGISTERS.flatMap((register) => {
    if (plan.byName.has(register.name) || plan.excludedRegisters.has(register.kvmRegisterId)) return []
    const [onA, onB] = [a.firmwareRegisters[register.name], b.firmwareRegisters[register.name]]
    // A register that only one of them has is the register list's to say.
    return onA === undefined || onB === undefined ? [] : compared(register, onA, onB)
  })
