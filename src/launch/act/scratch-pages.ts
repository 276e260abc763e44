import { AARCH64_SYSCALLS } from '../../linux/abi/aarch64-syscalls.ts'
import type { Tracee } from './tracee.ts'

const PROT_READ_WRITE = 3
const MAP_PRIVATE_ANONYMOUS = 0x22
/** Room for every planned register and for a register list of 4000. */
const SIZE = 0xa000

/** Memory in the VMM for the arguments of injected calls: pages of its own, for what is below the stack pointer may be another's. */
export class ScratchPages {
  readonly address: bigint
  readonly #tracee: Tracee

  private constructor(tracee: Tracee, address: bigint) {
    this.#tracee = tracee
    this.address = address
  }

  /** Undefined where the VMM cannot map pages. */
  static map(tracee: Tracee): ScratchPages | undefined {
    const address = tracee.call(AARCH64_SYSCALLS.mmap, [
      0,
      SIZE,
      PROT_READ_WRITE,
      MAP_PRIVATE_ANONYMOUS,
      -1,
      0,
    ])
    return address < 0n ? undefined : new ScratchPages(tracee, address)
  }

  /** False where the VMM has unmapped them behind our back. */
  write(offset: number, bytes: Buffer): boolean {
    return this.#tracee.write(this.address + BigInt(offset), bytes)
  }

  read(offset: number, length: number): Buffer | undefined {
    return this.#tracee.read(this.address + BigInt(offset), length)
  }

  unmap(): void {
    this.#tracee.call(AARCH64_SYSCALLS.munmap, [this.address, SIZE])
  }
}
