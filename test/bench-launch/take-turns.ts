import { median } from '../bench/statistics.ts'
import type { HostAccess } from '../harness/host-access.ts'
import { GUEST_COMMAND } from '../host/launch/guest-launch.ts'
import { execToFirstLine, recordOf, smallVmm } from './measure.ts'
import type { Launch, LaunchCost } from './measure.ts'

/** The measurements, one value per turn (`init*`: of the vCPU in the middle); milliseconds, but for exits: nanoseconds each. */
export const MEASURED = [
  ...(['qemuWithout', 'qemuOurs', 'qemuAlone', 'vmWithout', 'vmLeast', 'vmOurs'] as const),
  ...(['initWithout', 'initLeast', 'initOurs', 'initFew', 'exitNone', 'exitDefault', 'exitOurs'] as const),
  ...(['init64Least', 'init64Ours', 'init255Least', 'init255Ours'] as const),
] as const

export type Measured = (typeof MEASURED)[number]

/** The results of one turn. NaN: the turn left it out. */
export type Turn = Readonly<Record<Measured, number>> & { readonly record: LaunchCost }

/**
 * The revisions in the host, of all registers and of a few, and how many registers the first has; and the socket of the host's
 * supervisor.
 */
export type Plans = {
  readonly fleet: string
  readonly few: string
  readonly registers: number
  readonly supervisor: string
}

export const EXITS = 100_000
const VCPUS = 8
const MANY_EXITS = ['/opt/vmm/vmm', '--exits', String(EXITS)] as const

/** How each thing is measured in one turn. */
const measurements = (
  host: HostAccess,
  { fleet, few, registers, supervisor }: Plans,
  record: (name: string) => string,
): Record<Measured, () => Promise<number>> => {
  const least = ['--level', String(registers)]
  const inLaunch = (plan: string, name: string): Launch => ({ plan, record: record(name), supervisor })
  const init = async (vcpus: number, options: readonly string[], launch?: Launch): Promise<number> => {
    const vm = await smallVmm(host, ['/opt/vmm/vmm', '--vcpus', String(vcpus), ...options], launch)
    return median(vm.vcpus.map(({ initNanoseconds }) => initNanoseconds / 1e6))
  }
  const exit = async (command: readonly string[], launch?: Launch): Promise<number> =>
    ((await smallVmm(host, command, launch)).vcpus[0]?.nanoseconds ?? NaN) / EXITS
  const first = (command: readonly string[], launch?: Launch): Promise<number> =>
    execToFirstLine(host, command, launch)
  const vmm = ['/opt/vmm/vmm']
  return {
    qemuWithout: () => first(GUEST_COMMAND),
    qemuOurs: () => first(GUEST_COMMAND, inLaunch(fleet, 'qemu')),
    qemuAlone: () => first(GUEST_COMMAND, { plan: fleet, record: record('alone') }),
    vmWithout: () => first(vmm),
    vmLeast: () => first([...vmm, ...least]),
    vmOurs: () => first(vmm, inLaunch(fleet, 'vm')),
    initWithout: () => init(VCPUS, []),
    initLeast: () => init(VCPUS, least),
    initOurs: () => init(VCPUS, [], inLaunch(fleet, 'init')),
    initFew: () => init(VCPUS, [], inLaunch(few, 'few')),
    exitNone: () => exit(MANY_EXITS),
    exitDefault: () => exit(['/opt/vmm/under-default-filter', ...MANY_EXITS]),
    exitOurs: () => exit(MANY_EXITS, inLaunch(few, 'exit')),
    init64Least: () => init(64, least),
    init64Ours: () => init(64, [], inLaunch(fleet, 'init64')),
    init255Least: () => init(255, least),
    init255Ours: () => init(255, [], inLaunch(fleet, 'init255')),
  }
}

/**
 * What takes most of a turn is measured less often: exits, which vary least, in half of the turns; VMs of many vCPUs in a quarter of
 * them. Both kinds in turns of either order.
 */
const isLeftOut = (name: Measured, number: number): boolean => {
  if (name.startsWith('exit')) return number % 4 > 1
  return /64|255/.test(name) && number % 8 > 1
}

/**
 * A turn of everything, one after the other, and in every second turn the other way round: what changes on the machine meanwhile
 * changes for all, and so does what a thing leaves for the next (caches, translated code).
 */
export const takeTurn = async (host: HostAccess, plans: Plans, number: number): Promise<Turn> => {
  const record = (name: string): string => `/tmp/${name}-record${number}`
  const measure = measurements(host, plans, record)
  const measured: Partial<Record<Measured, number>> = {}
  for (const name of number % 2 === 0 ? MEASURED.toReversed() : MEASURED)
    measured[name] = isLeftOut(name, number) ? NaN : await measure[name]()
  return { ...(measured as Record<Measured, number>), record: await recordOf(host, record('qemu')) }
}
