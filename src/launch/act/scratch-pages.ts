import { AARCH64_SYSCALLS } from '../../linux/abi/aarch64-syscalls.ts'
import { BATCH_END, batchProgramWords, batchResults, batchTable } from './batch-program.ts'
import type { BatchCall } from './batch-program.ts'
import type { Tracee } from './tracee.ts'

const PROT_READ_WRITE = 3
const MAP_PRIVATE_ANONYMOUS = 0x22
const PROT_READ_EXEC = 5
/** Room for every planned register and for a register list of 4000, for the table of a batch, and for its program. */
const SIZE = 0x30000
/** Its own page, whatever their size (4, 16 or 64 KiB). */
const PROGRAM_OFFSET = 0x20000
const PROGRAM_ROOM = 0x10000
const TABLE_OFFSET = 0xa000
const TABLE_ROOM = PROGRAM_OFFSET - TABLE_OFFSET

/** Memory in the VMM for the arguments of injected calls: pages of its own, for what is below the stack pointer may be another's. */
export class ScratchPages {
  readonly address: bigint
  readonly #tracee: Tracee
  /** Whether the program is there; undefined before it is first needed. */
  #program: boolean | undefined

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

  /**
   * Makes calls in the VMM with one stop for all of them: each result, negative: -errno. Where the VMM lets no page be executable
   * (SELinux' execmem, a seccomp policy) or ignores SIGTRAP they are made one by one. Throws TraceeLost.
   */
  callAll(calls: readonly BatchCall[]): bigint[] {
    const table = batchTable(calls)
    if (calls.length > 1 && table.length <= TABLE_ROOM && this.#hasProgram()) {
      const ended = this.write(TABLE_OFFSET, table) && this.#runProgram(calls.length)
      const made = ended ? this.read(TABLE_OFFSET, table.length) : undefined
      if (made !== undefined) return batchResults(made)
    }
    return calls.map(({ number, args }) => this.#tracee.call(number, args))
  }

  #runProgram(count: number): boolean {
    const program = this.address + BigInt(PROGRAM_OFFSET)
    return this.#tracee.run(program, program + BATCH_END, [
      this.address + BigInt(TABLE_OFFSET),
      BigInt(count),
    ])
  }

  #hasProgram(): boolean {
    this.#program ??= this.#writeProgram()
    return this.#program
  }

  #writeProgram(): boolean {
    if (!this.#tracee.traps) return false
    const program = this.address + BigInt(PROGRAM_OFFSET)
    const args = [program, PROGRAM_ROOM, PROT_READ_EXEC]
    if (this.#tracee.call(AARCH64_SYSCALLS.mprotect, args) !== 0n) return false
    return batchProgramWords().every((word, index) => this.#tracee.poke(program + BigInt(8 * index), word))
  }

  unmap(): void {
    this.#tracee.call(AARCH64_SYSCALLS.munmap, [this.address, SIZE])
  }
}
