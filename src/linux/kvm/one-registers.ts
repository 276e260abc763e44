import { KVM_GET_ONE_REG, KVM_ONE_REG, KVM_SET_ONE_REG } from '../abi/kvm.ts'
import { SystemCallError } from '../errno.ts'
import { addressOf } from '../ioctl.ffi.ts'
import type { KvmFd } from './kvm-fd.ts'

const hexOf = (id: bigint): string => `0x${id.toString(16)}`

/** The registers of a vCPU, one by one. */
export class OneRegisters {
  readonly #fd: KvmFd
  readonly #value = new BigUint64Array(1)
  readonly #valueAddress = addressOf(new Uint8Array(this.#value.buffer))
  // struct kvm_one_reg, as two u64: the trials of a probe write it some ten thousand times.
  readonly #oneReg = new BigUint64Array(KVM_ONE_REG.size / 8)
  readonly #argument = new Uint8Array(this.#oneReg.buffer)

  constructor(fd: KvmFd) {
    this.#fd = fd
  }

  /** KVM_GET_ONE_REG of a 64-bit register. Throws SystemCallError: ENOENT if this vCPU has no such register. */
  getOneReg(id: bigint): bigint {
    this.#pointTo(id, this.#valueAddress)
    const { result, errno } = this.#fd.tryIoctl(KVM_GET_ONE_REG, this.#argument)
    if (result < 0) throw new SystemCallError('ioctl KVM_GET_ONE_REG', errno, { operand: hexOf(id) })
    return this.#value[0] ?? 0n
  }

  /** KVM_SET_ONE_REG of a 64-bit register: 0, or the errno by which KVM refuses the value, which is an answer. */
  setOneReg(id: bigint, value: bigint): number {
    this.#value[0] = value
    this.#pointTo(id, this.#valueAddress)
    return this.#fd.tryIoctl(KVM_SET_ONE_REG, this.#argument).errno
  }

  /** KVM_GET_ONE_REG of a register of `words` u64. */
  getWideReg(id: bigint, words: number): BigUint64Array {
    const value = new BigUint64Array(words)
    this.#pointTo(id, addressOf(new Uint8Array(value.buffer)))
    this.#fd.ioctl('KVM_GET_ONE_REG', KVM_GET_ONE_REG, this.#argument, hexOf(id))
    return value
  }

  /** KVM_SET_ONE_REG of a register of so many u64: 0, or the errno by which KVM refuses the value. */
  setWideReg(id: bigint, value: BigUint64Array): number {
    this.#pointTo(id, addressOf(new Uint8Array(value.buffer)))
    return this.#fd.tryIoctl(KVM_SET_ONE_REG, this.#argument).errno
  }

  #pointTo(id: bigint, address: bigint): void {
    this.#oneReg[KVM_ONE_REG.id / 8] = id
    this.#oneReg[KVM_ONE_REG.addr / 8] = address
  }
}
