import { KVM_ARM_VCPU_INIT, KVM_VCPU_INIT } from '../abi/kvm.ts'
import { InitialisedVcpu } from './initialised-vcpu.ts'
import type { KvmFd } from './kvm-fd.ts'

/** The argument of KVM_ARM_VCPU_INIT: the preferred target, and KVM_ARM_VCPU_* bits. */
export type VcpuInit = {
  target: number
  features: number
}

/** A vCPU that has no registers yet (they would answer ENOEXEC): {@link Vcpu.init} gives it some. Owns the fd. */
export class Vcpu {
  readonly #fd: KvmFd
  readonly #mmapSize: number

  constructor(fd: KvmFd, mmapSize: number) {
    this.#fd = fd
    this.#mmapSize = mmapSize
  }

  /**
   * KVM_ARM_VCPU_INIT. A second one is a reset, which keeps ID registers. Throws SystemCallError: EINVAL if the host cannot give a
   * feature, ENOENT if the kernel does not know its bit.
   */
  init({ target, features }: VcpuInit): InitialisedVcpu {
    const argument = Buffer.alloc(KVM_VCPU_INIT.size)
    argument.writeUInt32LE(target, KVM_VCPU_INIT.target)
    argument.writeUInt32LE(features, KVM_VCPU_INIT.features)
    this.#fd.ioctl('KVM_ARM_VCPU_INIT', KVM_ARM_VCPU_INIT, argument)
    return new InitialisedVcpu(this.#fd, this.#mmapSize, features)
  }

  [Symbol.dispose](): void {
    this.#fd[Symbol.dispose]()
  }
}
