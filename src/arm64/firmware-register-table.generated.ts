// Made by scripts/generate-arm64-tables.ts from facts/; change those and run `npm run generate`.
import type { FirmwareRegister } from './firmware-registers.ts'

/** All firmware registers KVM gives user space, by id. */
export const FIRMWARE_REGISTERS: readonly FirmwareRegister[] = [
  { name: 'KVM_REG_ARM_PSCI_VERSION', kvmRegisterId: 0x6030000000140000n, rule: 'Minimum', optional: false },
  { name: 'KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_1', kvmRegisterId: 0x6030000000140001n, rule: 'Fixed', optional: false },
  { name: 'KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_2', kvmRegisterId: 0x6030000000140002n, rule: 'Fixed', optional: false },
  { name: 'KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_3', kvmRegisterId: 0x6030000000140003n, rule: 'Fixed', optional: false },
  { name: 'KVM_REG_ARM_STD_BMAP', kvmRegisterId: 0x6030000000160000n, rule: 'And', optional: false },
  { name: 'KVM_REG_ARM_STD_HYP_BMAP', kvmRegisterId: 0x6030000000160001n, rule: 'And', optional: false },
  { name: 'KVM_REG_ARM_VENDOR_HYP_BMAP', kvmRegisterId: 0x6030000000160002n, rule: 'And', optional: false },
  { name: 'KVM_REG_ARM_VENDOR_HYP_BMAP_2', kvmRegisterId: 0x6030000000160003n, rule: 'And', optional: true },
]
