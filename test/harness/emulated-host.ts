import { join } from 'node:path'
import { arm64Root } from './arm64-root.ts'
import { bootMachine } from './emulated-machine.ts'
import type { EmulatedMachine, MachineRequest } from './emulated-machine.ts'
import { hostFilesImage } from './host-files-image.ts'
import { arm64Kernel } from './kernel.ts'

/** Its name is its host name; a Node of this name is for the caller to make. */
export type HostRequest = {
  /** Images of further disks, /dev/vdc and on; not mounted. */
  disks?: readonly string[]
} & MachineRequest

/** A host that this process booted, and that ends with it. */
export type EmulatedHost = EmulatedMachine

/**
 * Boots an arm64 host with real KVM (EL2 emulated by QEMU) and waits until commands can be run in it, some ten
 * seconds. It starts from fresh disks: what it writes is gone when it ends.
 */
export const bootHost = async ({ disks = [], ...request }: HostRequest): Promise<EmulatedHost> => {
  const [root, kernelFolder] = await Promise.all([arm64Root(), arm64Kernel(request.kernel)])
  const files = await hostFilesImage()
  return bootMachine(request, { kernelFolder, disks: [join(root, 'disk.img'), files, ...disks] })
}
