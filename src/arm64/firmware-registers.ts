/**
 * How a firmware register of several hosts is brought together. `Minimum` and `And` are written at VCPU_INIT.
 * `Fixed` is computed from the host's mitigations and not ours to lower: hiding one would leave a guest without it.
 */
export type FirmwareRegisterRule = 'Minimum' | 'And' | 'Fixed'

/** A firmware pseudo-register of KVM: Documentation/virt/kvm/arm/fw-pseudo-registers.rst (Linux 6.12 and newer). */
export type FirmwareRegister = {
  /** As in the UAPI header. */
  readonly name: string
  readonly kvmRegisterId: bigint
  readonly rule: FirmwareRegisterRule
  /** Some kernels do not have it: it is left out of the register list where a host has none. */
  readonly optional: boolean
}

const FIRMWARE = 0x6030_0000_0014_0000n
const FEATURE_BITMAP = 0x6030_0000_0016_0000n

/** All firmware registers KVM gives user space, by id. */
export const FIRMWARE_REGISTERS: readonly FirmwareRegister[] = [
  { name: 'KVM_REG_ARM_PSCI_VERSION', kvmRegisterId: FIRMWARE, rule: 'Minimum', optional: false },
  {
    name: 'KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_1',
    kvmRegisterId: FIRMWARE + 1n,
    rule: 'Fixed',
    optional: false,
  },
  {
    name: 'KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_2',
    kvmRegisterId: FIRMWARE + 2n,
    rule: 'Fixed',
    optional: false,
  },
  {
    name: 'KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_3',
    kvmRegisterId: FIRMWARE + 3n,
    rule: 'Fixed',
    optional: false,
  },
  { name: 'KVM_REG_ARM_STD_BMAP', kvmRegisterId: FEATURE_BITMAP, rule: 'And', optional: false },
  { name: 'KVM_REG_ARM_STD_HYP_BMAP', kvmRegisterId: FEATURE_BITMAP + 1n, rule: 'And', optional: false },
  { name: 'KVM_REG_ARM_VENDOR_HYP_BMAP', kvmRegisterId: FEATURE_BITMAP + 2n, rule: 'And', optional: false },
  // Linux 6.15.
  { name: 'KVM_REG_ARM_VENDOR_HYP_BMAP_2', kvmRegisterId: FEATURE_BITMAP + 3n, rule: 'And', optional: true },
]

/** The firmware register of a UAPI name. */
export const firmwareRegisterByName = (name: string): FirmwareRegister | undefined =>
  FIRMWARE_REGISTERS.find((register) => register.name === name)

/** The firmware register of a KVM ONE_REG id. */
export const firmwareRegisterByKvmId = (id: bigint): FirmwareRegister | undefined =>
  FIRMWARE_REGISTERS.find((register) => register.kvmRegisterId === id)

/** The value hosts with these values have in common; undefined where they must be equal and are not, or none is given. */
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
