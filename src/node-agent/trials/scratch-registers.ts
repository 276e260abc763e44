import type { RegisterRead } from '../../launch/decide/decide-writes.ts'
import type { Script } from '../../launch/script/action.ts'
import type { RegisterAccess, RegisterValue } from '../../launch/script/vcpu-access.ts'
import { KVM_SET_ONE_REG } from '../../linux/abi/kvm.ts'
import { SystemCallError } from '../../linux/errno.ts'
import type { OneRegisters } from '../../linux/kvm/one-registers.ts'

type Registers = Pick<OneRegisters, 'getOneReg' | 'setOneReg' | 'getWideReg' | 'setWideReg'>

/** `read`, or the errno with which KVM refuses it. */
const answered = <T>(
  read: () => T,
): { readonly errno: 0; readonly value: T } | { readonly errno: number } => {
  try {
    return { errno: 0, value: read() }
  } catch (error) {
    if (error instanceof SystemCallError) return { errno: error.errno }
    throw error
  }
}

/** The registers of a vCPU that this process made. A launch's script levels it as it does one of a VMM, and waits for nobody. */
export class ScratchRegisters implements RegisterAccess {
  readonly #vcpu: Registers
  readonly #refused = new Map<bigint, number>()

  constructor(vcpu: Registers) {
    this.#vcpu = vcpu
  }

  /** The errno with which KVM refused the first write to a register; undefined if it refused none. */
  errnoOf(kvmRegisterId: bigint): number | undefined {
    return this.#refused.get(kvmRegisterId)
  }

  // eslint-disable-next-line require-yield -- Script: KVM answers at once
  *read(ids: readonly bigint[]): Script<RegisterRead[]> {
    return ids.map((id) => this.#shown(id))
  }

  // eslint-disable-next-line require-yield -- Script: KVM answers at once
  *write(
    registers: readonly RegisterValue[],
  ): Script<{ readonly errno: number; readonly shown: RegisterRead }[]> {
    // All writes before the first read, as a launch does it: one register may change another.
    const errnos = registers.map(({ kvmRegisterId, value }) =>
      this.#noted(kvmRegisterId, this.#vcpu.setOneReg(kvmRegisterId, value)),
    )
    return registers.map(({ kvmRegisterId }, index) => ({
      errno: errnos[index] ?? 0,
      shown: this.#shown(kvmRegisterId),
    }))
  }

  // eslint-disable-next-line require-yield -- Script: KVM answers at once
  *transfer(
    request: number,
    id: bigint,
    value: Buffer,
  ): Script<{ readonly errno: number; readonly value: Buffer | undefined }> {
    const words = new BigUint64Array(Uint8Array.from(value).buffer)
    if (request === KVM_SET_ONE_REG)
      return { errno: this.#noted(id, this.#vcpu.setWideReg(id, words)), value }
    const read = answered(() => Buffer.from(this.#vcpu.getWideReg(id, words.length).buffer))
    return 'value' in read ? read : { ...read, value: undefined }
  }

  #shown(id: bigint): RegisterRead {
    const read = answered(() => this.#vcpu.getOneReg(id))
    return 'value' in read ? read : { ...read, value: undefined }
  }

  #noted(id: bigint, errno: number): number {
    if (errno !== 0 && !this.#refused.has(id)) this.#refused.set(id, errno)
    return errno
  }
}
