import { firmwareRegisterByName } from '../../arm64/firmware-registers.ts'
import { registerByName } from '../../arm64/register.ts'

/**
 * Whether KVM keeps a register once for all vCPUs of a VM: is_vm_ftr_id_reg, arch/arm64/kvm/sys_regs.c, and for firmware registers
 * psci_version and struct kvm_smccc_features, asm/kvm_host.h (6.12). facts/registers.tsv has those each vCPU has for itself.
 */
export const isVmWide = (name: string): boolean => {
  if (firmwareRegisterByName(name) !== undefined) return true
  return registerByName(name)?.traits.includes('PerVcpu') === false
}
