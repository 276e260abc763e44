import type { HostAccess } from '../harness/host-access.ts'
import { guestCommand } from '../host/launch/guest-launch.ts'
import { execToFirstLine, recordOf, smallVmm } from './measure.ts'
import type { LaunchCost } from './measure.ts'

/** What is measured, a value a turn (`init*`: one a vCPU); milliseconds, but for exits: nanoseconds each. */
const MEASURED = [
  ...(['qemuWithout', 'qemuOurs', 'vmWithout', 'vmLeast', 'vmOurs'] as const),
  ...(['initWithout', 'initLeast', 'initOurs', 'initFew', 'exitNone', 'exitDefault', 'exitOurs'] as const),
] as const

/** Everything that was measured in some turns. */
export type Turns = Record<(typeof MEASURED)[number], number[]> & { readonly records: LaunchCost[] }

/** Several turns as one. */
export const joinedTurns = (turns: readonly Turns[]): Turns => {
  const all = (name: (typeof MEASURED)[number]): number[] => turns.flatMap((turn) => turn[name])
  return {
    ...(Object.fromEntries(MEASURED.map((name) => [name, all(name)])) as Omit<Turns, 'records'>),
    records: turns.flatMap(({ records }) => records),
  }
}

/** The revisions in the host, of all registers and of a few, and how many registers the first has. */
export type Plans = { readonly fleet: string; readonly few: string; readonly registers: number }

export const EXITS = 100_000
const VCPUS = ['--vcpus', '8'] as const
const MANY_EXITS = ['/opt/vmm/vmm', '--exits', String(EXITS)] as const

/** A turn of everything, one after the other: what changes on the machine meanwhile changes for all. */
export const takeTurn = async (host: HostAccess, plans: Plans, number: number): Promise<Turns> => {
  const { fleet, few } = plans
  const least = ['--level', String(plans.registers)]
  const ours = { plan: fleet, record: `/tmp/record${number}` }
  const inits = async (options: readonly string[], plan?: string): Promise<number[]> =>
    (await smallVmm(host, ['/opt/vmm/vmm', ...VCPUS, ...options], plan)).vcpus.map(
      ({ initNanoseconds }) => initNanoseconds / 1e6,
    )
  const exit = async (command: readonly string[], plan?: string): Promise<number> =>
    ((await smallVmm(host, command, plan)).vcpus[0]?.nanoseconds ?? NaN) / EXITS
  const vm = (options: readonly string[], launch?: typeof ours): Promise<number> =>
    execToFirstLine(host, ['/opt/vmm/vmm', ...options], launch)
  return {
    qemuWithout: [await execToFirstLine(host, guestCommand)],
    qemuOurs: [await execToFirstLine(host, guestCommand, ours)],
    records: [await recordOf(host, ours.record)],
    vmWithout: [await vm([])],
    vmLeast: [await vm(least)],
    vmOurs: [await vm([], { plan: fleet, record: `/tmp/vm-record${number}` })],
    initWithout: await inits([]),
    initLeast: await inits(least),
    initOurs: await inits([], fleet),
    initFew: await inits([], few),
    exitNone: [await exit(MANY_EXITS)],
    exitDefault: [await exit(['/opt/vmm/under-default-filter', ...MANY_EXITS])],
    exitOurs: [await exit(MANY_EXITS, few)],
  }
}
