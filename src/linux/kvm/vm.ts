import {
  KVM_ARM_FEATURE_ID_RANGE,
  KVM_ARM_FEATURE_ID_RANGE_SIZE,
  KVM_ARM_GET_REG_WRITABLE_MASKS,
  KVM_ARM_PREFERRED_TARGET,
  KVM_CHECK_EXTENSION,
  KVM_CREATE_VCPU,
  KVM_ENABLE_CAP,
  KVM_ENABLE_CAP_LAYOUT,
  KVM_SET_USER_MEMORY_REGION,
  KVM_USERSPACE_MEMORY_REGION,
  KVM_VCPU_INIT,
  REG_MASK_RANGE,
} from '../abi/kvm.ts'
import { KVM_CAPABILITIES, type KvmCapability } from '../abi/kvm-numbers.generated.ts'
import { addressOf } from '../ioctl.ffi.ts'
import { KvmFd } from './kvm-fd.ts'
import type { MappedMemory } from './mapped-memory.ffi.ts'
import { Vcpu } from './vcpu.ts'

/** A piece of guest memory: page-aligned, and alive as long as the VM is. */
export type MemoryRegion = {
  slot: number
  guestAddress: bigint
  memory: MappedMemory
}

/** A VM of KVM. Only the process that made it can use it: others get EIO. */
export class Vm {
  readonly #fd: KvmFd
  readonly #mmapSize: number

  constructor(fd: KvmFd, mmapSize: number) {
    this.#fd = fd
    this.#mmapSize = mmapSize
  }

  /** KVM_CHECK_EXTENSION on the VM. */
  checkExtension(capability: KvmCapability): number {
    const number = KVM_CAPABILITIES[capability]
    return this.#fd.ioctl('KVM_CHECK_EXTENSION', KVM_CHECK_EXTENSION, number, capability)
  }

  /** KVM_ENABLE_CAP without arguments; those that change the CPU must come before the first vCPU (else EBUSY, EINVAL). */
  enableCap(capability: KvmCapability): void {
    const argument = Buffer.alloc(KVM_ENABLE_CAP_LAYOUT.size)
    argument.writeUInt32LE(KVM_CAPABILITIES[capability], KVM_ENABLE_CAP_LAYOUT.cap)
    this.#fd.ioctl('KVM_ENABLE_CAP', KVM_ENABLE_CAP, argument, capability)
  }

  /** KVM_ARM_PREFERRED_TARGET: what to give KVM_ARM_VCPU_INIT as the target. */
  preferredTarget(): number {
    const argument = Buffer.alloc(KVM_VCPU_INIT.size)
    this.#fd.ioctl('KVM_ARM_PREFERRED_TARGET', KVM_ARM_PREFERRED_TARGET, argument)
    return argument.readUInt32LE(KVM_VCPU_INIT.target)
  }

  /** KVM_CREATE_VCPU; `id` counts from 0. */
  createVcpu(id = 0): Vcpu {
    return new Vcpu(new KvmFd(this.#fd.ioctl('KVM_CREATE_VCPU', KVM_CREATE_VCPU, id)), this.#mmapSize)
  }

  /**
   * KVM_ARM_GET_REG_WRITABLE_MASKS: 192 masks, in the order of op1 (0, 1, 3), CRm, op2. ENOTTY before Linux 6.7.
   * The masks depend on the kernel's build alone, and not on the VM.
   */
  getRegWritableMasks(): BigUint64Array {
    const masks = new BigUint64Array(KVM_ARM_FEATURE_ID_RANGE_SIZE)
    const argument = Buffer.alloc(REG_MASK_RANGE.size)
    argument.writeBigUInt64LE(addressOf(new Uint8Array(masks.buffer)), REG_MASK_RANGE.addr)
    argument.writeUInt32LE(KVM_ARM_FEATURE_ID_RANGE, REG_MASK_RANGE.range)
    this.#fd.ioctl('KVM_ARM_GET_REG_WRITABLE_MASKS', KVM_ARM_GET_REG_WRITABLE_MASKS, argument)
    return masks
  }

  /** KVM_SET_USER_MEMORY_REGION: gives the guest `memory` at `guestAddress`. */
  setUserMemoryRegion({ slot, guestAddress, memory }: MemoryRegion): void {
    const argument = Buffer.alloc(KVM_USERSPACE_MEMORY_REGION.size)
    argument.writeUInt32LE(slot, KVM_USERSPACE_MEMORY_REGION.slot)
    argument.writeBigUInt64LE(guestAddress, KVM_USERSPACE_MEMORY_REGION.guestPhysAddr)
    argument.writeBigUInt64LE(BigInt(memory.bytes.length), KVM_USERSPACE_MEMORY_REGION.memorySize)
    argument.writeBigUInt64LE(memory.address, KVM_USERSPACE_MEMORY_REGION.userspaceAddr)
    this.#fd.ioctl('KVM_SET_USER_MEMORY_REGION', KVM_SET_USER_MEMORY_REGION, argument)
  }

  [Symbol.dispose](): void {
    this.#fd[Symbol.dispose]()
  }
}
