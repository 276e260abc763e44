import type { HostAccess } from '../harness/host-access.ts'
import { GUEST_COMMAND } from '../host/launch/guest-launch.ts'
import { execToFirstLine, recordOf, smallVmm } from './measure.ts'
import type { Launch, LaunchCost } from './measure.ts'

/** What is measured, a value a turn (`init*`: one a vCPU); milliseconds, but for exits: nanoseconds each. */
const MEASURED = [
  ...(['qemuWithout', 'qemuOurs', 'qemuAlone', 'vmWithout', 'vmLeast', 'vmOurs'] as const),
  ...(['initWithout', 'initLeast', 'initOurs', 'initFew', 'exitNone', 'exitDefault', 'exitOurs'] as const),
] as const

type Measured = (typeof MEASURED)[number]

/** Everything that was measured in some turns. */
export type Turns = Record<Measured, number[]> & { readonly records: LaunchCost[] }

/** Several turns as one. */
export const joinedTurns = (turns: readonly Turns[]): Turns => {
  const all = (name: Measured): number[] => turns.flatMap((turn) => turn[name])
  return {
    ...(Object.fromEntries(MEASURED.map((name) => [name, all(name)])) as Omit<Turns, 'records'>),
    records: turns.flatMap(({ records }) => records),
  }
}

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
const VCPUS = ['--vcpus', '8'] as const
const MANY_EXITS = ['/opt/vmm/vmm', '--exits', String(EXITS)] as const

/** How each thing is measured in one turn. */
const measurements = (
  host: HostAccess,
  { fleet, few, registers, supervisor }: Plans,
  record: (name: string) => string,
): Record<Measured, () => Promise<number[]>> => {
  const least = ['--level', String(registers)]
  const inLaunch = (plan: string, name: string): Launch => ({ plan, record: record(name), supervisor })
  const inits = async (options: readonly string[], launch?: Launch): Promise<number[]> =>
    (await smallVmm(host, ['/opt/vmm/vmm', ...VCPUS, ...options], launch)).vcpus.map(
      ({ initNanoseconds }) => initNanoseconds / 1e6,
    )
  const exit = async (command: readonly string[], launch?: Launch): Promise<number[]> => [
    ((await smallVmm(host, command, launch)).vcpus[0]?.nanoseconds ?? NaN) / EXITS,
  ]
  const first = async (command: readonly string[], launch?: Launch): Promise<number[]> => [
    await execToFirstLine(host, command, launch),
  ]
  const vmm = ['/opt/vmm/vmm']
  return {
    qemuWithout: () => first(GUEST_COMMAND),
    qemuOurs: () => first(GUEST_COMMAND, inLaunch(fleet, 'qemu')),
    qemuAlone: () => first(GUEST_COMMAND, { plan: fleet, record: record('alone') }),
    vmWithout: () => first(vmm),
    vmLeast: () => first([...vmm, ...least]),
    vmOurs: () => first(vmm, inLaunch(fleet, 'vm')),
    initWithout: () => inits([]),
    initLeast: () => inits(least),
    initOurs: () => inits([], inLaunch(fleet, 'init')),
    initFew: () => inits([], inLaunch(few, 'few')),
    exitNone: () => exit(MANY_EXITS),
    exitDefault: () => exit(['/opt/vmm/under-default-filter', ...MANY_EXITS]),
    exitOurs: () => exit(MANY_EXITS, inLaunch(few, 'exit')),
  }
}

/** What takes most of a turn, and varies least: measured in every second one. */
const isLeftOut = (name: Measured, number: number): boolean => name.startsWith('exit') && number % 4 > 1

/**
 * A turn of everything, one after the other, and in every second turn the other way round: what changes on the machine meanwhile
 * changes for all, and so does what a thing leaves for the next (caches, translated code).
 */
export const takeTurn = async (host: HostAccess, plans: Plans, number: number): Promise<Turns> => {
  const record = (name: string): string => `/tmp/${name}-record${number}`
  const measure = measurements(host, plans, record)
  const measured: Partial<Record<Measured, number[]>> = {}
  for (const name of number % 2 === 0 ? MEASURED.toReversed() : MEASURED)
    measured[name] = isLeftOut(name, number) ? [] : await measure[name]()
  const records = [await recordOf(host, record('qemu'))]
  return { ...(measured as Record<Measured, number[]>), records }
}
