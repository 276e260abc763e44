import type { HostDocument } from '../api/host-document.ts'
import { fromHex64 } from '../api/hex64.ts'
import type { ResolvedPlan } from '../plan/read-plan.ts'
import { remembered } from '../plan/remembered.ts'
import { withoutBits } from '../arm64/bits.ts'
import { FIRMWARE_REGISTERS } from '../arm64/firmware-register-table.generated.ts'
import type { FirmwareRegister } from '../arm64/firmware-registers.ts'
import { namesText } from './names-text.ts'
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

/** The firmware registers of which a host's document does not tell. One that KVM does not list is told to be absent. */
const untold = (registers: readonly FirmwareRegister[], host: HostDocument): readonly string[] =>
  host.registerList === undefined
    ? registers.map(({ name }) => name).filter((name) => host.firmwareRegisters[name] === undefined)
    : []

const untoldObstacles = (
  registers: readonly FirmwareRegister[],
  a: HostDocument,
  b: HostDocument,
): readonly ReachObstacle[] => {
  const [ofA, ofB] = [untold(registers, a), untold(registers, b)]
  if (ofA.length + ofB.length === 0) return []
  return [obstacle('both', 'FirmwareRegistersUnknown', { a: namesText(ofA), b: namesText(ofB) })]
}

const carriedUnder = remembered(
  ({ byName, excludedRegisters: excluded }: ResolvedPlan): readonly FirmwareRegister[] =>
    FIRMWARE_REGISTERS.filter(({ name, kvmRegisterId }) => !byName.has(name) && !excluded.has(kvmRegisterId)),
)

/** Firmware registers that the plan does not level and that a stream carries: which direction they block. */
export const firmwareObstacles = (
  plan: ResolvedPlan,
  a: HostDocument,
  b: HostDocument,
): readonly ReachObstacle[] => {
  const carried = carriedUnder(plan)
  const known = carried.flatMap((register) => {
    const [onA, onB] = [a.firmwareRegisters[register.name], b.firmwareRegisters[register.name]]
    // The register list tells of a register that only one of them has.
    return onA === undefined || onB === undefined ? [] : compared(register, onA, onB)
  })
  return [...known, ...untoldObstacles(carried, a, b)]
}
