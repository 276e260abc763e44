import { AARCH64_SYSCALLS } from '../../linux/abi/aarch64-syscalls.ts'
import { ERRNO } from '../../linux/abi/errno.ts'
import { KVM_GET_ONE_REG, KVM_GET_REG_LIST, KVM_ONE_REG, KVM_SET_ONE_REG } from '../../linux/abi/kvm.ts'
import type { RegisterRead } from '../decide/decide-writes.ts'
import { ask, type Script } from './action.ts'
import type { ScratchPages } from './scratch-pages.ts'

/** A register and what is to be written to it. */
export type RegisterValue = { readonly kvmRegisterId: bigint; readonly value: bigint }

/** The registers of one vCPU, for whoever levels it: of a VMM by injected calls, or of a scratch VM of our own. */
export type RegisterAccess = Pick<VcpuAccess, 'read' | 'write' | 'transfer'>

/** Where the scratch pages hold struct kvm_one_reg with its value behind it, one after the other; and the register list. */
const SLOT = { size: 24, value: KVM_ONE_REG.size } as const
const LIST_OFFSET = 0x2000
const LIST_ROOM = 4000

const UNREADABLE = { errno: ERRNO.EIO, value: undefined } as const

/**
 * What no register has. A seccomp filter of the VMM's own can have a call return 0 that was never made (SECCOMP_RET_ERRNO): then its slot
 * still holds this, and the register was not read.
 */
const UNREAD = 0xa5a5_5a5a_a5a5_5a5an
const UNREAD_BYTE = 0xa5

const unread = (ids: readonly bigint[]): readonly RegisterValue[] =>
  ids.map((kvmRegisterId) => ({ kvmRegisterId, value: UNREAD }))

/** ONE_REG and the register list of a vCPU, by calls injected into the VMM. */
export class VcpuAccess {
  readonly #pages: ScratchPages
  readonly #fd: number

  constructor(pages: ScratchPages, fd: number) {
    this.#pages = pages
    this.#fd = fd
  }

  /** Reads 64-bit registers: one transfer of memory each way, one call a register. */
  *read(ids: readonly bigint[]): Script<RegisterRead[]> {
    if (!(yield* this.#fill(unread(ids)))) return ids.map(() => UNREADABLE)
    const errnos = yield* this.#callAll(ids.map((_, index) => [KVM_GET_ONE_REG, index]))
    return yield* this.#values(errnos, 0)
  }

  /** Writes 64-bit registers and reads them back: the errno of each write (0: none), and what the vCPU shows then. */
  *write(
    registers: readonly RegisterValue[],
  ): Script<{ readonly errno: number; readonly shown: RegisterRead }[]> {
    const count = registers.length
    const toRead = unread(registers.map(({ kvmRegisterId }) => kvmRegisterId))
    if (!(yield* this.#fill([...registers, ...toRead])))
      return registers.map(() => ({ errno: ERRNO.EFAULT, shown: UNREADABLE }))
    const errnos = yield* this.#callAll([
      ...registers.map((_, index) => [KVM_SET_ONE_REG, index] as const),
      ...registers.map((_, index) => [KVM_GET_ONE_REG, count + index] as const),
    ])
    const written = errnos.slice(0, count)
    const read = yield* this.#values(errnos.slice(count), count)
    return written.map((errno, index) => ({ errno, shown: read[index] ?? UNREADABLE }))
  }

  /** Reads or writes a register of any size: what the vCPU had or was given, and the errno (0: none). */
  *transfer(
    request: number,
    id: bigint,
    value: Buffer,
  ): Script<{ readonly errno: number; readonly value: Buffer | undefined }> {
    const slot = Buffer.alloc(SLOT.value + value.length)
    slot.writeBigUInt64LE(id, KVM_ONE_REG.id)
    slot.writeBigUInt64LE(this.#pages.address + BigInt(SLOT.value), KVM_ONE_REG.addr)
    const filled = request === KVM_GET_ONE_REG ? Buffer.alloc(value.length, UNREAD_BYTE) : value
    filled.copy(slot, SLOT.value)
    if (!(yield* this.#pages.write(0, slot))) return { errno: ERRNO.EFAULT, value: undefined }
    const errno = Number(-(yield* ask({ do: 'call', ...this.#oneReg(request, 0) })))
    const shown = yield* this.#pages.read(SLOT.value, value.length)
    return request === KVM_GET_ONE_REG && shown?.equals(filled) === true
      ? UNREADABLE
      : { errno, value: shown }
  }

  /**
   * The register list, of a filter that notifies its call: struct kvm_reg_list as KVM fills it, or the errno (EPERM before SVE is
   * finalised).
   */
  *registerList(): Script<Buffer | number> {
    const room = Buffer.alloc(8)
    room.writeBigUInt64LE(BigInt(LIST_ROOM))
    if (!(yield* this.#pages.write(LIST_OFFSET, room))) return ERRNO.EFAULT
    const args = [this.#fd, KVM_GET_REG_LIST, this.#pages.address + BigInt(LIST_OFFSET)]
    const result = yield* ask({ do: 'call', number: AARCH64_SYSCALLS.ioctl, args, notified: true })
    if (result !== 0n) return Number(-result)
    return (yield* this.#pages.read(LIST_OFFSET, 8 + 8 * LIST_ROOM)) ?? ERRNO.EFAULT
  }

  #oneReg(request: number, slot: number): { number: number; args: readonly (number | bigint)[] } {
    const address = this.#pages.address + BigInt(slot * SLOT.size)
    return { number: AARCH64_SYSCALLS.ioctl, args: [this.#fd, request, address] }
  }

  /** One errno (0: none) a call: requests with the slot of their argument. */
  *#callAll(calls: readonly (readonly [request: number, slot: number])[]): Script<number[]> {
    const results = yield* this.#pages.callAll(calls.map(([request, slot]) => this.#oneReg(request, slot)))
    return results.map((result) => Number(-result))
  }

  *#fill(registers: readonly RegisterValue[]): Script<boolean> {
    // Three words a slot; typed arrays for speed, as in batchTable.
    const words = new BigUint64Array(registers.length * (SLOT.size / 8))
    let address = this.#pages.address + BigInt(SLOT.value)
    let at = 0
    for (const { kvmRegisterId, value } of registers) {
      words[at + KVM_ONE_REG.id / 8] = kvmRegisterId
      words[at + KVM_ONE_REG.addr / 8] = address
      words[at + SLOT.value / 8] = value
      address += BigInt(SLOT.size)
      at += SLOT.size / 8
    }
    const slots = Buffer.from(words.buffer)
    return slots.length === 0 || (yield* this.#pages.write(0, slots))
  }

  /** What was read into these slots, of which the first is at `offset`; the errno of each read as the VMM's thread got it. */
  *#values(errnos: readonly number[], offset: number): Script<RegisterRead[]> {
    const slots = yield* this.#pages.read(offset * SLOT.size, errnos.length * SLOT.size)
    const words = slots && new BigUint64Array(Uint8Array.from(slots).buffer)
    return errnos.map((errno, index) => {
      if (errno !== 0) return { errno, value: undefined }
      const value = words?.[index * (SLOT.size / 8) + SLOT.value / 8]
      return value === undefined || value === UNREAD ? UNREADABLE : { errno: 0, value }
    })
  }
}
