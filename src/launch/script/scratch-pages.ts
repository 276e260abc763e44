import { AARCH64_SYSCALLS } from '../../linux/abi/aarch64-syscalls.ts'
import { ask, type Script } from './action.ts'
import { BATCH_END, batchProgramWords, batchResults, batchTable } from './batch-program.ts'
import type { BatchCall } from './batch-program.ts'

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

/**
 * Memory in the VMM for the arguments of injected calls: pages of its own, because another thread's memory may be below the stack
 * pointer.
 */
export class ScratchPages {
  readonly address: bigint
  readonly #traps: boolean
  /** Whether the program is there; undefined before it is first needed. */
  #program: boolean | undefined

  private constructor(address: bigint, traps: boolean) {
    this.address = address
    this.#traps = traps
  }

  /** Undefined where the VMM cannot map pages. `traps`: the thread may be stopped by SIGTRAP. */
  static *map(traps: boolean): Script<ScratchPages | undefined> {
    const args = [0, SIZE, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS, -1, 0]
    const address = yield* ask({ do: 'call', number: AARCH64_SYSCALLS.mmap, args })
    return address < 0n ? undefined : new ScratchPages(address, traps)
  }

  /** False if the VMM has unmapped them behind our back. */
  *write(offset: number, bytes: Buffer): Script<boolean> {
    return yield* ask({ do: 'write', address: this.address + BigInt(offset), bytes })
  }

  *read(offset: number, length: number): Script<Buffer | undefined> {
    return yield* ask({ do: 'read', address: this.address + BigInt(offset), length })
  }

  /**
   * Makes calls in the VMM with one stop for all of them: each result, negative: -errno. Where the VMM lets no page be executable
   * (SELinux' execmem, a seccomp policy) or ignores SIGTRAP they are made one by one.
   */
  *callAll(calls: readonly BatchCall[]): Script<bigint[]> {
    const table = batchTable(calls)
    if (calls.length > 1 && table.length <= TABLE_ROOM && (yield* this.#hasProgram())) {
      const ended = (yield* this.write(TABLE_OFFSET, table)) && (yield* this.#runProgram(calls.length))
      const made = ended ? yield* this.read(TABLE_OFFSET, table.length) : undefined
      if (made !== undefined) return batchResults(made)
    }
    const results: bigint[] = []
    for (const { number, args } of calls) results.push(yield* ask({ do: 'call', number, args }))
    return results
  }

  *#runProgram(count: number): Script<boolean> {
    const address = this.address + BigInt(PROGRAM_OFFSET)
    return yield* ask({
      do: 'run',
      address,
      end: address + BATCH_END,
      x19: this.address + BigInt(TABLE_OFFSET),
      x20: BigInt(count),
    })
  }

  *#hasProgram(): Script<boolean> {
    this.#program ??= yield* this.#writeProgram()
    return this.#program
  }

  *#writeProgram(): Script<boolean> {
    if (!this.#traps) return false
    const address = this.address + BigInt(PROGRAM_OFFSET)
    const args = [address, PROGRAM_ROOM, PROT_READ_EXEC]
    const result = yield* ask({ do: 'call', number: AARCH64_SYSCALLS.mprotect, args })
    return result === 0n && (yield* ask({ do: 'write-code', address, words: batchProgramWords() }))
  }

  *unmap(): Script<void> {
    yield* ask({ do: 'call', number: AARCH64_SYSCALLS.munmap, args: [this.address, SIZE] })
  }
}
