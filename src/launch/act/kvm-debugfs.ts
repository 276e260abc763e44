import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

const KVM_DEBUGFS = '/sys/kernel/debug/kvm'

/** A VM as KVM's debugfs shows it. */
export type DebugfsVm = {
  /** <tid of the creator>-<fd of the VM>: kvm_create_vm_debugfs, virt/kvm/kvm_main.c (6.12). */
  readonly name: string
  /** The inode number of its folder: another's once a VM of the same name has taken its place (get_next_ino, fs/inode.c). */
  readonly inode: number
}

const read = (vm: string, file: string): string | undefined => {
  try {
    return readFileSync(join(KVM_DEBUGFS, vm, file), 'utf8')
  } catch {
    // The VM has gone, or another reader has the file open (EBUSY): to be asked again.
    return undefined
  }
}

const inodeOf = (vm: string): number | undefined =>
  statSync(join(KVM_DEBUGFS, vm), { throwIfNoEntry: false })?.ino

/** The VMs that these threads made and that still are; undefined if debugfs cannot be read. */
export const debugfsVms = (creators: ReadonlySet<number>): DebugfsVm[] | undefined => {
  let names: string[]
  try {
    names = readdirSync(KVM_DEBUGFS)
  } catch {
    return undefined
  }
  return names
    .filter((name) => creators.has(Number(name.split('-')[0])))
    .flatMap((name) => {
      const inode = inodeOf(name)
      return inode === undefined ? [] : [{ name, inode }]
    })
}

/** How often the vCPUs of a VM have left the guest; 0 if it has gone. */
export const debugfsExits = ({ name }: DebugfsVm): number => Number(read(name, 'exits') ?? 0)

/** The text of a VM's `idregs`; undefined if it cannot be read now. */
export const debugfsIdregs = ({ name }: DebugfsVm): string | undefined => read(name, 'idregs')
