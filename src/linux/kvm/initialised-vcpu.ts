import { KVM_ARM_VCPU_FINALIZE, KVM_DEVICE_ATTR, KVM_SET_DEVICE_ATTR } from '../abi/kvm.ts'
import { KVM_VCPU_INIT_BITS } from '../abi/kvm-numbers.generated.ts'
import { FinalisedVcpu } from './finalised-vcpu.ts'
import type { KvmFd } from './kvm-fd.ts'
import { OneRegisters } from './one-registers.ts'

/** A vCPU with registers. Its SVE vector lengths may still be chosen; ID registers can be written until the VM runs. */
export class InitialisedVcpu extends OneRegisters {
  readonly #fd: KvmFd
  readonly #mmapSize: number
  readonly #features: number

  constructor(fd: KvmFd, mmapSize: number, features: number) {
    super(fd)
    this.#fd = fd
    this.#mmapSize = mmapSize
    this.#features = features
  }

  /** KVM_SET_DEVICE_ATTR on the vCPU, for attributes without a value. */
  setDeviceAttr(group: number, attr: bigint): void {
    const argument = Buffer.alloc(KVM_DEVICE_ATTR.size)
    argument.writeUInt32LE(group, KVM_DEVICE_ATTR.group)
    argument.writeBigUInt64LE(attr, KVM_DEVICE_ATTR.attr)
    this.#fd.ioctl('KVM_SET_DEVICE_ATTR', KVM_SET_DEVICE_ATTR, argument)
  }

  /** KVM_ARM_VCPU_FINALIZE if INIT asked for SVE; without SVE there is nothing to finalise. */
  finalize(): FinalisedVcpu {
    if ((this.#features & (1 << KVM_VCPU_INIT_BITS.KVM_ARM_VCPU_SVE)) !== 0) {
      const feature = Buffer.alloc(4)
      // The number of the feature, not its bit.
      feature.writeInt32LE(KVM_VCPU_INIT_BITS.KVM_ARM_VCPU_SVE)
      this.#fd.ioctl('KVM_ARM_VCPU_FINALIZE', KVM_ARM_VCPU_FINALIZE, feature)
    }
    return new FinalisedVcpu(this.#fd, this.#mmapSize, this)
  }
}
