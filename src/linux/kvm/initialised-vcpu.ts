import {
  KVM_ARM_VCPU_FINALIZE,
  KVM_ARM_VCPU_SVE,
  KVM_ARM_VCPU_SVE_FEATURE,
  KVM_DEVICE_ATTR,
  KVM_GET_ONE_REG,
  KVM_ONE_REG,
  KVM_SET_DEVICE_ATTR,
  KVM_SET_ONE_REG,
} from '../abi/kvm.ts'
import { SystemCallError } from '../errno.ts'
import { addressOf } from '../ioctl.ffi.ts'
import { FinalisedVcpu } from './finalised-vcpu.ts'
import type { KvmFd } from './kvm-fd.ts'

/** A vCPU with registers. Its SVE vector lengths may still be chosen; ID registers can be written until the VM runs. */
export class InitialisedVcpu {
  readonly #fd: KvmFd
  readonly #mmapSize: number
  readonly #features: number
  readonly #value = new BigUint64Array(1)
  readonly #valueAddress = addressOf(new Uint8Array(this.#value.buffer))
  // struct kvm_one_reg, as two u64: written some ten thousand times in a probe's trials.
  readonly #oneReg = new BigUint64Array(KVM_ONE_REG.size / 8)
  readonly #argument = new Uint8Array(this.#oneReg.buffer)

  constructor(fd: KvmFd, mmapSize: number, features: number) {
    this.#fd = fd
    this.#mmapSize = mmapSize
    this.#features = features
  }

  /** KVM_GET_ONE_REG of a 64-bit register. Throws SystemCallError: ENOENT where this vCPU has no such register. */
  getOneReg(id: bigint): bigint {
    this.#pointTo(id, this.#valueAddress)
    const { result, errno } = this.#fd.tryIoctl(KVM_GET_ONE_REG, this.#argument)
    if (result < 0) throw new SystemCallError(`ioctl KVM_GET_ONE_REG 0x${id.toString(16)}`, errno)
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
    this.#fd.ioctl(`KVM_GET_ONE_REG 0x${id.toString(16)}`, KVM_GET_ONE_REG, this.#argument)
    return value
  }

  /** KVM_SET_DEVICE_ATTR on the vCPU, for attributes without a value. */
  setDeviceAttr(group: number, attr: bigint): void {
    const argument = Buffer.alloc(KVM_DEVICE_ATTR.size)
    argument.writeUInt32LE(group, KVM_DEVICE_ATTR.group)
    argument.writeBigUInt64LE(attr, KVM_DEVICE_ATTR.attr)
    this.#fd.ioctl('KVM_SET_DEVICE_ATTR', KVM_SET_DEVICE_ATTR, argument)
  }

  /** KVM_ARM_VCPU_FINALIZE where INIT asked for SVE; nothing is to be finalised elsewhere. */
  finalize(): FinalisedVcpu {
    if ((this.#features & KVM_ARM_VCPU_SVE) !== 0) {
      const feature = Buffer.alloc(4)
      feature.writeInt32LE(KVM_ARM_VCPU_SVE_FEATURE)
      this.#fd.ioctl('KVM_ARM_VCPU_FINALIZE', KVM_ARM_VCPU_FINALIZE, feature)
    }
    return new FinalisedVcpu(this.#fd, this.#mmapSize, this)
  }

  #pointTo(id: bigint, address: bigint): void {
    this.#oneReg[KVM_ONE_REG.id / 8] = id
    this.#oneReg[KVM_ONE_REG.addr / 8] = address
  }
}
