import { readIdregs } from '../record/read-idregs.ts'
import type { ShownVm } from '../record/verify-idregs.ts'
import { debugfsExits, debugfsIdregs, debugfsVms } from './kvm-debugfs.ts'
import type { LaunchProcess } from './launch-process.ts'

const isOf =
  (creators: ReadonlySet<number>) =>
  (folder: string): boolean =>
    creators.has(Number(folder.split('-')[0]))

/** What debugfs shows of a VM; `idle`: it has not run; undefined: it cannot be read now. */
const shownVm = (vm: string): ShownVm | 'idle' | undefined => {
  const exits = debugfsExits(vm)
  if (exits === 0) return 'idle'
  const text = exits === undefined ? undefined : debugfsIdregs(vm)
  return text === undefined ? undefined : { vm, shown: readIdregs(text) }
}

/**
 * Whether debugfs shows another number of VMs that ran than the marks in the process's file tables do, `ran`: then something keeps one
 * that it has closed, as a mapping does. A VM that gets its fd again has no folder (kvm_create_vm_debugfs: the name is taken).
 */
export const hidesVm = ({ creators }: Pick<LaunchProcess, 'creators'>, ran: number | undefined): boolean => {
  const folders = debugfsVms()?.filter(isOf(creators))
  return folders !== undefined && folders.filter((vm) => debugfsExits(vm) !== 0).length !== ran
}

/**
 * What debugfs shows of the VMs that ran of a process, `ran` by the marks of its vCPUs; undefined where it does not show just so many:
 * a folder is missing (another pid namespace, fd numbers that came again), or cannot be read.
 */
export const shownVms = (
  folders: readonly string[],
  { creators }: Pick<LaunchProcess, 'creators'>,
  ran: number | undefined,
): ShownVm[] | undefined => {
  const vms = folders.filter(isOf(creators)).map(shownVm)
  const shown = vms.filter((vm) => vm !== 'idle').filter((vm) => vm !== undefined)
  return vms.includes(undefined) || shown.length !== ran ? undefined : shown
}
