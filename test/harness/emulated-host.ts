import { join } from 'node:path'
import { arm64Root } from './arm64-root.ts'
import { freePorts } from './free-ports.ts'
import { hostAccess } from './host-access.ts'
import type { HostAccess } from './host-access.ts'
import { hostFilesImage } from './host-files-image.ts'
import { arm64Kernel } from './kernel.ts'
import { runFolder } from './lab-paths.ts'
import { eventually } from './eventually.ts'
import { startProcess } from './process.ts'
import type { Process } from './process.ts'
import { progress } from './progress.ts'
import { requireTools } from './tools.ts'

export type HostRequest = {
  /** Its host name; a Node of this name is for the caller to make. */
  name: string
  /** As QEMU names it: `neoverse-v1`, `neoverse-n2`, `cortex-a72`, ... */
  cpuModel: string
  /** Series of the Debian kernel: `6.18`, `6.12`, `7`. */
  kernel: string
  /** Further properties of the CPU, e.g. `cntfrq=1000000000`. */
  cpuOptions?: readonly string[]
  /** Further properties of the machine, e.g. `mte=on`. */
  machineOptions?: readonly string[]
  /** Further arguments of the host's kernel, e.g. `kvm-arm.mode=nested`. */
  kernelArguments?: readonly string[]
  /** 1500 if not given. */
  memoryMiB?: number
  /** 1 if not given. */
  cpus?: number
  /** Images of further disks, /dev/vdc and on; not mounted. */
  disks?: readonly string[]
}

/** A host that this process booted, and that ends with it. */
export type EmulatedHost = {
  stop: () => Promise<void>
} & HostAccess

/** These have pointer authentication by QARMA5, slow to emulate; their own algorithm is a fifth faster overall. */
const HAS_POINTER_AUTHENTICATION = /^(neoverse-v1|neoverse-n2|max)$/

/**
 * Boots an arm64 host with real KVM (EL2 emulated by QEMU) and waits until commands can be run in it, some ten
 * seconds. It starts from fresh disks: what it writes is gone when it ends.
 */
export const bootHost = async (request: HostRequest): Promise<EmulatedHost> => {
  requireTools('qemu-system-aarch64')
  const [root, kernel] = await Promise.all([arm64Root(), arm64Kernel(request.kernel)])
  const files = await hostFilesImage()
  const [agentPort = 0] = await freePorts(1)
  const folder = runFolder(`host-${request.name}`)
  const consoleFile = join(folder, 'console.log')
  const command = [
    ...emulator(request),
    '-serial',
    `file:${consoleFile}`,
    ...['-kernel', join(kernel, 'vmlinuz'), '-initrd', join(kernel, 'initrd.gz')],
    ...[join(root, 'disk.img'), files, ...(request.disks ?? [])].flatMap((file) => [
      '-drive',
      `file=${file},format=raw,if=virtio,snapshot=on`,
    ]),
    ...['-netdev', `user,id=net,hostfwd=tcp:127.0.0.1:${agentPort}-10.0.2.15:7000`],
    ...['-device', 'virtio-net-pci,netdev=net,romfile='],
    ...['-append', kernelArguments(request)],
  ]
  const emulation = startProcess(command, join(folder, 'qemu.log'))
  const { name, cpuModel } = request
  const access = hostAccess({ name, cpuModel, kernel: request.kernel, agentPort, consoleFile })
  try {
    await progress(`booting ${name} (${cpuModel}, Linux ${request.kernel})`, () => booted(access, emulation))
  } catch (error) {
    await emulation.stop()
    throw new Error(`${name} did not boot, see ${folder}\n${tail(access.console())}`, { cause: error })
  }
  return { ...access, stop: () => emulation.stop() }
}

const kernelArguments = ({ name, kernelArguments: further = [] }: HostRequest): string =>
  ['console=ttyAMA0', 'quiet', 'panic=-1', `hostname=${name}`, ...further].join(' ')

const emulator = (request: HostRequest): string[] => {
  const { cpuModel, cpuOptions = [], machineOptions = [], memoryMiB = 1500, cpus = 1 } = request
  const pointerAuthentication = HAS_POINTER_AUTHENTICATION.test(cpuModel) && !cpuOptions.includes('pauth=off')
  const fast = pointerAuthentication ? ['pauth-impdef=on'] : []
  return [
    'qemu-system-aarch64',
    ...['-M', ['virt', 'virtualization=on', 'gic-version=3', ...machineOptions].join(',')],
    ...['-cpu', [cpuModel, ...fast, ...cpuOptions].join(',')],
    ...['-smp', String(cpus), '-m', String(memoryMiB)],
    ...['-display', 'none', '-monitor', 'none', '-no-reboot'],
  ]
}

const booted = async (access: HostAccess, emulation: Process): Promise<void> => {
  const state = await eventually('the agent answers', async () => {
    if (!emulation.running()) return 'ended'
    // A connection that began before the host had its network may never be answered, but a new one is.
    const { exitCode } = await access.run(['true'], { timeoutSeconds: 60 })
    return exitCode === 0 ? 'up' : undefined
  })
  if (state === 'ended') throw new Error('the emulator ended; see qemu.log')
}

const tail = (text: string): string => text.trimEnd().split('\n').slice(-15).join('\n')
