import { onlyBits } from '../arm64/bits.ts'
import { FEATURE_ID_REGISTERS, registerByKvmId } from '../arm64/register.ts'
import { firmwareRegisterByKvmId } from '../arm64/firmware-registers.ts'
import { KVM_REG_ARM_COPROC_MASK, KVM_REG_ARM_FW, KVM_REG_ARM_FW_FEAT_BMAP } from '../linux/abi/kvm.ts'
import type { FinalisedVcpu } from '../linux/kvm/finalised-vcpu.ts'

/** What a fresh vCPU shows user space. */
export type VcpuRegisters = {
  /** Feature ID registers by Arm's name, in the order of their encodings. */
  readonly view: ReadonlyMap<string, bigint>
  /** Firmware registers by the UAPI's name; by id where this version knows none. */
  readonly firmware: ReadonlyMap<string, bigint>
  /** All ids of KVM_GET_REG_LIST, in KVM's order. */
  readonly list: readonly bigint[]
}

const isFirmware = (id: bigint): boolean =>
  [KVM_REG_ARM_FW, KVM_REG_ARM_FW_FEAT_BMAP].includes(onlyBits(id, KVM_REG_ARM_COPROC_MASK))

const order = new Map(FEATURE_ID_REGISTERS.map(({ kvmRegisterId }, index) => [kvmRegisterId, index]))

const byEncoding = (a: bigint, b: bigint): number =>
  (order.get(a) ?? Number.MAX_SAFE_INTEGER) - (order.get(b) ?? Number.MAX_SAFE_INTEGER)

/** Reads every feature ID register and firmware register that KVM lists for the vCPU. Throws SystemCallError. */
export const readVcpuRegisters = (vcpu: FinalisedVcpu): VcpuRegisters => {
  const list = [...vcpu.getRegList()]
  const read = (id: bigint): bigint => vcpu.registers.getOneReg(id)
  const featureIds = list.filter((id) => order.has(id))
  return {
    view: new Map(
      featureIds.sort(byEncoding).map((id) => [registerByKvmId(id)?.name ?? id.toString(16), read(id)]),
    ),
    firmware: new Map(
      list
        .filter(isFirmware)
        .map((id) => [firmwareRegisterByKvmId(id)?.name ?? `0x${id.toString(16)}`, read(id)]),
    ),
    list,
  }
}
