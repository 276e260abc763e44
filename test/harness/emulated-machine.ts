import { join } from 'node:path'
import { eventually } from './eventually.ts'
import { freePorts } from './free-ports.ts'
import { hostAccess } from './host-access.ts'
import type { HostAccess } from './host-access.ts'
import { runFolder } from './lab-paths.ts'
import { startProcess } from './process.ts'
import type { Process } from './process.ts'
import { progress } from './progress.ts'
import { requireTools } from './tools.ts'

/** What an emulated machine is made of. */
export type MachineRequest = {
  name: string
  /** As QEMU names it: `neoverse-v1`, `neoverse-n2`, `cortex-a72`, ... */
  cpuModel: string
  /** Series of the Debian kernel: `6.18`, `6.12`, `7`. */
  kernel: string
  /** Further properties of the CPU, e.g. `cntfrq=1000000000`. */
  cpuOptions?: readonly string[]
  /** Further properties of the machine, e.g. `mte=on`. */
  machineOptions?: readonly string[]
  /** Further arguments of its kernel, e.g. `kvm-arm.mode=nested`. */
  kernelArguments?: readonly string[]
  /** 1500 if not given. */
  memoryMiB?: number
  /** 1 if not given. */
  cpus?: number
}

/** What a machine boots from. */
export type MachineParts = {
  /** The folder with `vmlinuz` and `initrd.gz`. */
  kernelFolder: string
  /** Images of disks, /dev/vda and on. What the machine writes to them is gone when it ends. */
  disks: readonly string[]
  /** Ports of 127.0.0.1 that are the same ports of the machine. */
  ports?: readonly number[]
  /** Further arguments of the emulator. */
  devices?: readonly string[]
}

/** A machine that this process booted, and that ends with it. */
export type EmulatedMachine = {
  stop: () => Promise<void>
} & HostAccess

/** These have pointer authentication by QARMA5, slow to emulate; their own algorithm is a fifth faster overall. */
const HAS_POINTER_AUTHENTICATION = /^(neoverse-v1|neoverse-n2|max)$/

/** Of the machine in the emulator's user network, whose 10.0.2.2 is the loopback interface of this one. */
const ADDRESS = '10.0.2.15'

/** The command that emulates a machine with EL2, so with KVM. */
export const emulator = (request: MachineRequest): string[] => {
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

/** Boots a machine whose init starts the agent for commands (host-agent.ts), and waits until commands can be run in it. */
export const bootMachine = async (
  request: MachineRequest,
  { kernelFolder, disks, ports = [], devices = [] }: MachineParts,
): Promise<EmulatedMachine> => {
  requireTools('qemu-system-aarch64')
  const [agentPort = 0] = await freePorts(1)
  const folder = runFolder(`host-${request.name}`)
  const consoleFile = join(folder, 'console.log')
  const forwarded = [[agentPort, 7000], ...ports.map((port) => [port, port])].map(
    ([outside = 0, inside = 0]) => `hostfwd=tcp:127.0.0.1:${outside}-${ADDRESS}:${inside}`,
  )
  const command = [
    ...emulator(request),
    ...['-serial', `file:${consoleFile}`],
    ...['-kernel', join(kernelFolder, 'vmlinuz'), '-initrd', join(kernelFolder, 'initrd.gz')],
    ...disks.flatMap((file) => ['-drive', `file=${file},format=raw,if=virtio,snapshot=on`]),
    ...['-netdev', `user,id=net,${forwarded.join(',')}`],
    ...['-device', 'virtio-net-pci,netdev=net,romfile='],
    ...devices,
    ...['-append', kernelArguments(request)],
  ]
  const emulation = startProcess(command, join(folder, 'qemu.log'))
  const { name, cpuModel, kernel } = request
  const access = hostAccess({ name, cpuModel, kernel, agentPort, consoleFile })
  try {
    await progress(`booting ${name} (${cpuModel}, Linux ${kernel})`, () => booted(access, emulation))
  } catch (error) {
    await emulation.stop()
    throw new Error(`${name} did not boot, see ${folder}\n${tail(access.console())}`, { cause: error })
  }
  return { ...access, stop: () => emulation.stop() }
}

const kernelArguments = ({ name, kernelArguments: further = [] }: MachineRequest): string =>
  ['console=ttyAMA0', 'quiet', 'panic=-1', `hostname=${name}`, ...further].join(' ')

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
