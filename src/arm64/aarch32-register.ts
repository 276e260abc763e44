import type { FeatureIdRegister } from './register.ts'

/**
 * Whether a register describes AArch32: where EL0 has none (ID_AA64PFR0_EL1.EL0 is 1) its value is UNKNOWN to a guest (Arm ARM),
 * and KVM shows zero and ignores writes (AA32_ID_SANITISED, arch/arm64/kvm/sys_regs.c, Linux 6.12). ID_AFR0_EL1 and
 * ID_DFR1_EL1 are left out: KVM hides them everywhere.
 */
export const isAArch32Register = ({ name, op1, crm, fields }: FeatureIdRegister): boolean =>
  op1 === 0 && crm >= 1 && crm <= 3 && fields.length > 0 && name !== 'ID_AFR0_EL1' && name !== 'ID_DFR1_EL1'
