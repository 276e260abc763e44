import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const KVM_DEBUGFS = '/sys/kernel/debug/kvm'

const read = (vm: string, file: string): string | undefined => {
  try {
    return readFileSync(join(KVM_DEBUGFS, vm, file), 'utf8')
  } catch {
    // The VM has gone, another reader has the file open (EBUSY), or the kernel is locked down (EPERM).
    return undefined
  }
}

/**
 * The VMs of this host by their folders, <tid of the creator>-<fd of the VM> (kvm_create_vm_debugfs, virt/kvm/kvm_main.c, 6.12);
 * undefined if debugfs cannot be read.
 */
export const debugfsVms = (): readonly string[] | undefined => {
  try {
    return readdirSync(KVM_DEBUGFS)
  } catch {
    return undefined
  }
}

/** How often the vCPUs of a VM have left the guest; undefined if it cannot be read now. */
export const debugfsExits = (vm: string): number | undefined => {
  const text = read(vm, 'exits')
  return text === undefined ? undefined : Number(text)
}

/** The text of a VM's `idregs`; undefined if it cannot be read now. */
export const debugfsIdregs = (vm: string): string | undefined => read(vm, 'idregs')
