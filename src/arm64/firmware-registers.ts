import { FIRMWARE_REGISTERS } from './firmware-register-table.generated.ts'

/**
 * How a firmware register of several hosts is brought together. `Minimum` and `And` are written at VCPU_INIT.
 * `Fixed` is computed from the host's mitigations. We never lower it, because a guest would then do without a mitigation.
 */
export type FirmwareRegisterRule = 'Minimum' | 'And' | 'Fixed'

/** A firmware pseudo-register of KVM: Documentation/virt/kvm/arm/fw-pseudo-registers.rst (Linux 6.12 and newer). */
export type FirmwareRegister = {
  /** As in the UAPI header. */
  readonly name: string
  readonly kvmRegisterId: bigint
  readonly rule: FirmwareRegisterRule
  /** Some kernels do not have the register; it is then left out of the register list. */
  readonly optional: boolean
}

/** The firmware register of a UAPI name. */
export const firmwareRegisterByName = (name: string): FirmwareRegister | undefined =>
  FIRMWARE_REGISTERS.find((register) => register.name === name)

/** The firmware register of a KVM ONE_REG id. */
export const firmwareRegisterByKvmId = (id: bigint): FirmwareRegister | undefined =>
  FIRMWARE_REGISTERS.find((register) => register.kvmRegisterId === id)

/** The value hosts with these values have in common; undefined if they must be equal and are not, or none is given. */
export const commonFirmwareValue = (
  register: FirmwareRegister,
  values: readonly bigint[],
): bigint | undefined => {
  const [first, ...others] = values
  if (first === undefined) return undefined
  switch (register.rule) {
    case 'Minimum':
      return others.reduce((least, value) => (value < least ? value : least), first)
    case 'And':
      return others.reduce((common, value) => common & value, first)
    case 'Fixed':
      return others.every((value) => value === first) ? first : undefined
    default:
      return register.rule satisfies never
  }
}
