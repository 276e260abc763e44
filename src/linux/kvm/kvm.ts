import { constants, openSync } from 'node:fs'
import { ERRNO } from '../abi/errno.ts'
import {
  KVM_CHECK_EXTENSION,
  KVM_CREATE_VM,
  KVM_GET_API_VERSION,
  KVM_GET_VCPU_MMAP_SIZE,
} from '../abi/kvm.ts'
import { KVM_CAPABILITIES, type KvmCapability } from '../abi/kvm-numbers.generated.ts'
import { SystemCallError } from '../errno.ts'
import { KvmFd } from './kvm-fd.ts'
import { Vm } from './vm.ts'

const errnoOf = (error: unknown): number =>
  error instanceof Error && 'errno' in error && typeof error.errno === 'number' ? -error.errno : ERRNO.EIO

/** /dev/kvm, open. The first of Kvm → Vm → Vcpu → InitialisedVcpu → FinalisedVcpu: only the one before gives you the next. */
export class Kvm {
  readonly #fd: KvmFd

  private constructor(fd: KvmFd) {
    this.#fd = fd
  }

  /** Throws SystemCallError with open's errno. */
  static open(path = '/dev/kvm'): Kvm {
    try {
      return new Kvm(new KvmFd(openSync(path, constants.O_RDWR)))
    } catch (cause) {
      throw new SystemCallError(`open ${path}`, errnoOf(cause), { cause })
    }
  }

  /** KVM_GET_API_VERSION: 12 on every KVM. */
  getApiVersion(): number {
    return this.#fd.ioctl('KVM_GET_API_VERSION', KVM_GET_API_VERSION)
  }

  /** KVM_CHECK_EXTENSION: 0 if there is no such capability, else its value. */
  checkExtension(capability: KvmCapability): number {
    const number = KVM_CAPABILITIES[capability]
    return this.#fd.ioctl('KVM_CHECK_EXTENSION', KVM_CHECK_EXTENSION, number, capability)
  }

  /** KVM_GET_VCPU_MMAP_SIZE: bytes to map of a vCPU. */
  getVcpuMmapSize(): number {
    return this.#fd.ioctl('KVM_GET_VCPU_MMAP_SIZE', KVM_GET_VCPU_MMAP_SIZE)
  }

  /**
   * KVM_CREATE_VM with an intermediate physical address size of `ipaBits`; 0 is KVM's default of 40.
   * A signal that comes while KVM waits for its notifiers gives EINTR: the call is then made again.
   */
  createVm(ipaBits = 0): Vm {
    for (;;) {
      const { result, errno } = this.#fd.tryIoctl(KVM_CREATE_VM, ipaBits)
      if (result >= 0) return new Vm(new KvmFd(result), this.getVcpuMmapSize())
      if (errno !== ERRNO.EINTR) throw new SystemCallError('ioctl KVM_CREATE_VM', errno)
    }
  }

  [Symbol.dispose](): void {
    this.#fd[Symbol.dispose]()
  }
}
