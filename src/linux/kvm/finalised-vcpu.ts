import { ERRNO } from '../abi/errno.ts'
import { KVM_GET_REG_LIST, KVM_REG_LIST } from '../abi/kvm.ts'
import { SystemCallError } from '../errno.ts'
import type { KvmFd } from './kvm-fd.ts'
import { mapFile } from './mapped-memory.ffi.ts'
import type { OneRegisters } from './one-registers.ts'
import { RunningVcpu } from './running-vcpu.ts'

/** A vCPU that is ready to run: its registers can be listed only now (with SVE, KVM answers EPERM before). */
export class FinalisedVcpu {
  readonly #fd: KvmFd
  readonly #mmapSize: number
  /** The same vCPU's registers. */
  readonly registers: OneRegisters

  constructor(fd: KvmFd, mmapSize: number, registers: OneRegisters) {
    this.#fd = fd
    this.#mmapSize = mmapSize
    this.registers = registers
  }

  /** KVM_GET_REG_LIST: the ids of all registers this vCPU has, in KVM's order. */
  getRegList(): BigUint64Array {
    const size = Buffer.alloc(8)
    const { errno } = this.#fd.tryIoctl(KVM_GET_REG_LIST, size)
    if (errno !== ERRNO.E2BIG) throw new SystemCallError('ioctl KVM_GET_REG_LIST', errno)
    const list = new BigUint64Array(1 + Number(size.readBigUInt64LE(KVM_REG_LIST.n)))
    list[0] = BigInt(list.length - 1)
    this.#fd.ioctl('KVM_GET_REG_LIST', KVM_GET_REG_LIST, new Uint8Array(list.buffer))
    return list.subarray(1, 1 + Number(list[0]))
  }

  /** Maps struct kvm_run, which KVM_RUN needs. */
  map(): RunningVcpu {
    return new RunningVcpu(this.#fd, mapFile(this.#fd.number, this.#mmapSize))
  }
}
