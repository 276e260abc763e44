import { z } from 'zod'
import { cpuFeatureProfileSpec } from '../../src/api/cpu-feature-profile.ts'
import type { Plan } from '../../src/api/plan.ts'
import { hostClass } from '../../src/compatibility/host-class.ts'
import { compileProfile } from '../../src/profile/compile-profile.ts'
import { bootHost } from '../harness/emulated-host.ts'
import type { HostAccess } from '../harness/host-access.ts'
import { eventually } from '../harness/process.ts'
import { guestCommand } from '../host/launch/guest-launch.ts'
import { levelledPlan, putRevision } from '../host/launch/revision-file.ts'
import { fixtureHost } from '../bench/host-classes.ts'
import { meanAndHalfWidth, median } from '../bench/statistics.ts'

/*
 * node test/bench-launch/run.ts [TIMES] (make bench-launch): what a launch costs on an emulated host, ours and without us in turns.
 * TIMES is 20 if not given; medians. Fails where a launch adds 10 % or more of what QEMU takes to the guest's first line.
 */

const TIMES = Number(process.argv[2] ?? 20)
const EXITS = 100_000

/** A plan as fleets have it: every bit of every register specified. */
const fleetPlan = (): Plan => {
  const result = compileProfile({
    spec: cpuFeatureProfileSpec.parse({ base: { nodes: {} }, implementation: { midr: 'FromBaseline' } }),
    hosts: [fixtureHost('neoverse-v1-6.18'), fixtureHost('neoverse-n2-6.18')].map((host) => ({
      class: hostClass(host),
      nodes: 1,
      host,
      selected: true,
    })),
  })
  if (result.kind !== 'compiled') throw new Error(result.message)
  return result.plan
}

const recordSchema = z.object({
  vms: z.number(),
  vcpus: z.number(),
  steps: z.array(z.object({ step: z.string(), count: z.number(), microseconds: z.number() })),
})
type LaunchCost = z.infer<typeof recordSchema>

/** Runs a command to its end: milliseconds from its start to the first line of its output. */
const timed = async (
  host: HostAccess,
  command: readonly string[],
): Promise<{ first: number; stdout: string }> => {
  const startedAt = performance.now()
  const child = host.spawn(command)
  child.closeInput()
  await child.waitForOutput(/\n/, 120)
  const first = performance.now() - startedAt
  await child.exited
  return { first, stdout: child.stdout() }
}

const recordOf = (host: HostAccess, file: string): Promise<LaunchCost> =>
  eventually(`the record ${file}`, 60, async () => {
    const { stdout } = await host.run(['cat', file])
    const parsed = recordSchema.safeParse(stdout === '' ? undefined : JSON.parse(stdout))
    return parsed.success && parsed.data.vcpus > 0 ? parsed.data : undefined
  })

const run = (plan: string, record: string, vmm: readonly string[]): string[] => [
  ...['cpufeatures', 'run', '-q', '--plan', plan, '--record', record, '--'],
  ...vmm,
]

const milliseconds = ({ steps }: LaunchCost, name: string): number =>
  (steps.find(({ step }) => step === name)?.microseconds ?? 0) / 1000

const host = await bootHost({ name: 'bench', cpuModel: 'neoverse-v1', kernel: '6.18' })
try {
  const [fleet, few] = [
    await putRevision(host, 'fleet', fleetPlan()),
    await putRevision(host, 'few', levelledPlan),
  ]
  const qemu: number[] = []
  const launches: LaunchCost[] = []
  const small: Record<'fleet' | 'few', LaunchCost[]> = { fleet: [], few: [] }
  const nanoseconds: Record<'ours' | 'without', number[]> = { ours: [], without: [] }
  const exits = ['/opt/vmm/vmm', '--exits', String(EXITS)]
  const perExit = (stdout: string): number =>
    z.object({ nanoseconds: z.number() }).parse(JSON.parse(stdout.split('\n')[0] ?? '')).nanoseconds / EXITS
  for (let turn = 0; turn < TIMES; turn += 1) {
    process.stderr.write(`${turn + 1}/${TIMES}\n`)
    qemu.push((await timed(host, guestCommand)).first)
    await timed(host, run(fleet, `/tmp/qemu${turn}`, guestCommand))
    launches.push(await recordOf(host, `/tmp/qemu${turn}`))
    for (const [name, plan] of [
      ['fleet', fleet],
      ['few', few],
    ] as const) {
      await timed(host, run(plan, `/tmp/${name}${turn}`, ['/opt/vmm/vmm', '--vcpus', '8']))
      small[name].push(await recordOf(host, `/tmp/${name}${turn}`))
    }
    nanoseconds.without.push(perExit((await timed(host, exits)).stdout))
    nanoseconds.ours.push(perExit((await timed(host, run(few, `/tmp/exits${turn}`, exits))).stdout))
  }
  const first = median(qemu)
  const added = median(launches.map((one) => milliseconds(one, 'in all')))
  const [launch] = launches
  console.log(`QEMU, exec to the guest's first line, without us: ${first.toFixed(0)} ms (median of ${TIMES})`)
  console.log(
    `added by a launch of QEMU (${launch?.vms ?? 0} VMs, ${launch?.vcpus ?? 0} INITs, ${fleetPlan().registers.length} registers): ${added.toFixed(0)} ms, ${((added / first) * 100).toFixed(1)} %`,
  )
  for (const { step, count } of launch?.steps ?? [])
    console.log(
      `  ${step.padEnd(28)}${median(launches.map((one) => milliseconds(one, step)))
        .toFixed(1)
        .padStart(8)} ms in ${count}`,
    )
  const perVcpu = (costs: readonly LaunchCost[]): number =>
    median(costs.map((one) => milliseconds(one, 'level registers') / one.vcpus))
  const [all, some] = [perVcpu(small.fleet), perVcpu(small.few)]
  const more = fleetPlan().registers.length - levelledPlan.registers.length
  console.log(
    `levelling a vCPU: ${all.toFixed(1)} ms with ${fleetPlan().registers.length} registers, ${some.toFixed(1)} ms with ${levelledPlan.registers.length}: ${(((all - some) / more) * 1000).toFixed(0)} us for one more`,
  )
  for (const [name, values] of Object.entries(nanoseconds)) {
    const [mean, half] = meanAndHalfWidth(values)
    console.log(
      `a device exit, ${name.padEnd(8)} ${mean.toFixed(0)} ns +- ${half.toFixed(0)} (95 %, ${EXITS} exits a run)`,
    )
  }
  process.exitCode = added < first / 10 ? 0 : 1
} finally {
  await host.stop()
}
