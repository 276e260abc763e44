import { AARCH64_SYSCALLS } from '../../linux/abi/aarch64-syscalls.ts'
import { KVM_GET_ONE_REG, KVM_GET_REG_LIST, KVM_ONE_REG, KVM_SET_ONE_REG } from '../../linux/abi/kvm.ts'
import type { RegisterRead } from '../decide/decide-writes.ts'
import type { ScratchPages } from './scratch-pages.ts'
import type { Tracee } from './tracee.ts'

/** A register and what is to be written to it. */
export type RegisterValue = { readonly kvmRegisterId: bigint; readonly value: bigint }

/** Where the scratch pages hold struct kvm_one_reg with its value behind it, one after the other; and the register list. */
const SLOT = { size: 24, value: KVM_ONE_REG.size } as const
const LIST_OFFSET = 0x2000
const LIST_ROOM = 4000
const EFAULT = 14
const EIO = 5

export type VcpuAccessOptions = {
  readonly tracee: Tracee
  readonly pages: ScratchPages
  readonly fd: number
  readonly resumeOwn: () => void
}

/** ONE_REG and the register list of a vCPU, by calls injected into the VMM. */
export class VcpuAccess {
  readonly #tracee: Tracee
  readonly #pages: ScratchPages
  readonly #fd: number

  /** Lets the injected call of a notified request pass. */
  readonly #resumeOwn: () => void

  constructor({ tracee, pages, fd, resumeOwn }: VcpuAccessOptions) {
    this.#tracee = tracee
    this.#pages = pages
    this.#fd = fd
    this.#resumeOwn = resumeOwn
  }

  /** Reads 64-bit registers: one transfer of memory each way, one call a register. */
  read(ids: readonly bigint[]): RegisterRead[] {
    if (!this.#fill(ids.map((kvmRegisterId) => ({ kvmRegisterId, value: 0n }))))
      return ids.map(() => unreadable)
    return this.#values(this.#callAll(ids.map((_, index) => [KVM_GET_ONE_REG, index])))
  }

  /** Writes 64-bit registers and reads them back: the errno of each write (0: none), and what the vCPU shows then. */
  write(registers: readonly RegisterValue[]): { readonly errno: number; readonly shown: RegisterRead }[] {
    if (!this.#fill(registers)) return registers.map(() => ({ errno: EFAULT, shown: unreadable }))
    const errnos = this.#callAll([
      ...registers.map((_, index) => [KVM_SET_ONE_REG, index] as const),
      ...registers.map((_, index) => [KVM_GET_ONE_REG, index] as const),
    ])
    const written = errnos.slice(0, registers.length)
    const read = this.#values(errnos.slice(registers.length))
    return written.map((errno, index) => ({ errno, shown: read[index] ?? unreadable }))
  }

  /** Reads or writes a register of any size at `value`, which takes what was read: 0, or the errno. */
  transfer(request: number, id: bigint, value: Buffer): number {
    const slot = Buffer.alloc(SLOT.value + value.length)
    slot.writeBigUInt64LE(id, KVM_ONE_REG.id)
    slot.writeBigUInt64LE(this.#pages.address + BigInt(SLOT.value), KVM_ONE_REG.addr)
    value.copy(slot, SLOT.value)
    if (!this.#pages.write(0, slot)) return EFAULT
    const errno = this.#call(request, 0)
    this.#pages.read(SLOT.value, value.length)?.copy(value)
    return errno
  }

  /** The register list, of a filter that notifies its call: struct kvm_reg_list as KVM fills it; undefined where it cannot be had (EPERM before SVE is finalised). */
  registerList(): Buffer | undefined {
    const room = Buffer.alloc(8)
    room.writeBigUInt64LE(BigInt(LIST_ROOM))
    if (!this.#pages.write(LIST_OFFSET, room)) return undefined
    const result = this.#tracee.call(
      AARCH64_SYSCALLS.ioctl,
      [this.#fd, KVM_GET_REG_LIST, this.#pages.address + BigInt(LIST_OFFSET)],
      this.#resumeOwn,
    )
    return result === 0n ? this.#pages.read(LIST_OFFSET, 8 + 8 * LIST_ROOM) : undefined
  }

  #call(request: number, slot: number): number {
    const address = this.#pages.address + BigInt(slot * SLOT.size)
    return Number(-this.#tracee.call(AARCH64_SYSCALLS.ioctl, [this.#fd, request, address]))
  }

  /** One errno (0: none) a call: requests with the slot of their argument. */
  #callAll(calls: readonly (readonly [request: number, slot: number])[]): number[] {
    return this.#pages
      .callAll(
        calls.map(([request, slot]) => ({
          number: AARCH64_SYSCALLS.ioctl,
          args: [this.#fd, request, this.#pages.address + BigInt(slot * SLOT.size)],
        })),
      )
      .map((result) => Number(-result))
  }

  #fill(registers: readonly RegisterValue[]): boolean {
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
    return slots.length === 0 || this.#pages.write(0, slots)
  }

  #values(errnos: readonly number[]): RegisterRead[] {
    const slots = this.#pages.read(0, errnos.length * SLOT.size)
    const words = slots && new BigUint64Array(Uint8Array.from(slots).buffer)
    return errnos.map((errno, index) => {
      if (errno !== 0) return { errno, value: undefined }
      const value = words?.[index * (SLOT.size / 8) + SLOT.value / 8]
      return value === undefined ? unreadable : { errno: 0, value }
    })
  }
}

const unreadable: RegisterRead = { errno: EIO, value: undefined }
