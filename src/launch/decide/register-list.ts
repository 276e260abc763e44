import { KVM_REG_LIST } from '../../linux/abi/kvm.ts'

/** The ids of a struct kvm_reg_list, without the excluded ones, in KVM's order. */
export const filterRegisterList = (list: Buffer, excluded: ReadonlySet<bigint>): bigint[] => {
  const count = Number(list.readBigUInt64LE(KVM_REG_LIST.n))
  return Array.from({ length: count }, (_, index) =>
    list.readBigUInt64LE(KVM_REG_LIST.reg + 8 * index),
  ).filter((id) => !excluded.has(id))
}

/** A struct kvm_reg_list of these ids. */
export const encodeRegisterList = (ids: readonly bigint[]): Buffer => {
  const list = Buffer.alloc(KVM_REG_LIST.reg + 8 * ids.length)
  list.writeBigUInt64LE(BigInt(ids.length), KVM_REG_LIST.n)
  ids.forEach((id, index) => list.writeBigUInt64LE(id, KVM_REG_LIST.reg + 8 * index))
  return list
}

/**
 * What KVM_GET_REG_LIST answers to a caller with room for `room` ids: as kvm_arch_vcpu_ioctl does (arch/arm64/kvm/arm.c, 6.12),
 * the number alone and E2BIG if the list is longer.
 */
export const registerListAnswer = (
  ids: readonly bigint[],
  room: bigint,
): { readonly memory: Buffer; readonly errno: 'E2BIG' | undefined } => {
  const list = encodeRegisterList(ids)
  return room < BigInt(ids.length)
    ? { memory: list.subarray(0, KVM_REG_LIST.reg), errno: 'E2BIG' }
    : { memory: list, errno: undefined }
}
