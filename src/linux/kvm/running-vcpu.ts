import { ERRNO } from '../abi/errno.ts'
import { KVM_EXIT_MMIO, KVM_RUN, KVM_RUN_LAYOUT } from '../abi/kvm.ts'
import { SystemCallError } from '../errno.ts'
import type { KvmFd } from './kvm-fd.ts'
import type { MappedMemory } from './mapped-memory.ffi.ts'

/** Why KVM_RUN returned: the guest stored to an address without memory, or another reason. */
export type VcpuExit =
  | { readonly kind: 'mmio-write'; readonly address: bigint; readonly value: bigint }
  | { readonly kind: 'other'; readonly reason: number }

/** A vCPU whose struct kvm_run is mapped. Owns the mapping, not the fd. */
export class RunningVcpu {
  readonly #fd: KvmFd
  readonly #run: MappedMemory

  constructor(fd: KvmFd, run: MappedMemory) {
    this.#fd = fd
    this.#run = run
  }

  /** KVM_RUN: the guest executes until it exits. Blocks this thread; a signal interrupts it, and it is called again. */
  run(): VcpuExit {
    for (;;) {
      const { errno } = this.#fd.tryIoctl(KVM_RUN)
      if (errno === 0) return this.#exit()
      if (errno !== ERRNO.EINTR) throw new SystemCallError('ioctl KVM_RUN', errno)
    }
  }

  #exit(): VcpuExit {
    const { buffer, byteOffset, length } = this.#run.bytes
    const run = new DataView(buffer, byteOffset, length)
    const reason = run.getUint32(KVM_RUN_LAYOUT.exitReason, true)
    if (reason !== KVM_EXIT_MMIO || run.getUint8(KVM_RUN_LAYOUT.mmioIsWrite) === 0)
      return { kind: 'other', reason }
    return {
      kind: 'mmio-write',
      address: run.getBigUint64(KVM_RUN_LAYOUT.mmioPhysAddr, true),
      value: run.getBigUint64(KVM_RUN_LAYOUT.mmioData, true),
    }
  }

  [Symbol.dispose](): void {
    this.#run[Symbol.dispose]()
  }
}
