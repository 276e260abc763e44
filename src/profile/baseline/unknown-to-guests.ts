import { getField } from '../../arm64/field.ts'
import { fieldNamed, registerByName } from '../../arm64/register.ts'

const EL0 = fieldNamed('ID_AA64PFR0_EL1', 'EL0')

const AARCH64_ONLY = 1

/**
 * Whether guests that see this ID_AA64PFR0_EL1 have no AArch32 and the register describes it: its value is UNKNOWN to them (Arm ARM,
 * ID_DFR0_EL1 and the others). KVM shows zero on hosts without AArch32 and ignores writes there, while other hosts cannot always show
 * zero: a debug architecture of less than 6 is refused (set_id_dfr0_el1, arch/arm64/kvm/sys_regs.c, Linux 6.12).
 */
export const isUnknownToGuests = (name: string, pfr0: bigint | undefined): boolean => {
  const register = registerByName(name)
  if (register === undefined || pfr0 === undefined || EL0 === undefined) return false
  return register.traits.includes('AArch32') && getField(pfr0, EL0) === AARCH64_ONLY
}
