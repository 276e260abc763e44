import { cpuFeatureProfileSpec } from '../../src/api/cpu-feature-profile.ts'
import type { Plan } from '../../src/api/plan.ts'
import { hostClass } from '../../src/compatibility/host-class.ts'
import { compileProfile } from '../../src/profile/compile-profile.ts'
import { bootHost } from '../harness/emulated-host.ts'
import { guestCommand } from '../host/launch/guest-launch.ts'
import { levelledPlan, putRevision } from '../host/launch/revision-file.ts'
import { fixtureHost } from '../bench/host-classes.ts'
import { meanAndHalfWidth, median } from '../bench/statistics.ts'
import { execToFirstLine, recordOf, smallVmm } from './measure.ts'
import type { LaunchCost, SmallVmm } from './measure.ts'

/*
 * node test/bench-launch/run.ts [TIMES] (make bench-launch): what a launch costs on an emulated host, ours, without us, and the least it could,
 * in turns. TIMES is 20 if not given; medians. Fails where a launch adds 10 % or more of what QEMU takes to the guest's first line.
 */

const TIMES = Number(process.argv[2] ?? 20)
const EXITS = 100_000
const VCPUS = ['--vcpus', '8'] as const

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

const registers = fleetPlan().registers.length
const moreRegisters = registers - levelledPlan.registers.length

const inMilliseconds = ({ steps }: LaunchCost, name: string): number =>
  (steps.find(({ step }) => step === name)?.microseconds ?? 0) / 1000

const say = (what: string, value: number, more = ''): void => {
  console.log(`${what.padEnd(64)}${value.toFixed(1).padStart(8)} ms${more}`)
}

const host = await bootHost({ name: 'bench', cpuModel: 'neoverse-v1', kernel: '6.18' })
try {
  const fleet = await putRevision(host, 'fleet', fleetPlan())
  const few = await putRevision(host, 'few', levelledPlan)
  const qemu: Record<'without' | 'ours', number[]> = { without: [], ours: [] }
  const records: LaunchCost[] = []
  const inits: Record<'without' | 'least' | 'ours' | 'few', number[]> = {
    without: [],
    least: [],
    ours: [],
    few: [],
  }
  const exits: Record<'no filter' | 'allow list' | 'ours', number[]> = {
    'no filter': [],
    'allow list': [],
    ours: [],
  }
  const manyExits = ['--exits', String(EXITS)]
  const perExit = ({ vcpus }: SmallVmm): number => (vcpus[0]?.nanoseconds ?? NaN) / EXITS
  const perInit = ({ vcpus }: SmallVmm): number[] => vcpus.map(({ initNanoseconds }) => initNanoseconds / 1e6)
  for (let turn = 0; turn < TIMES; turn += 1) {
    process.stderr.write(`${turn + 1}/${TIMES}\n`)
    const record = `/tmp/record${turn}`
    qemu.without.push(await execToFirstLine(host, guestCommand))
    qemu.ours.push(await execToFirstLine(host, guestCommand, { plan: fleet, record }))
    records.push(await recordOf(host, record))
    inits.without.push(...perInit(await smallVmm(host, VCPUS)))
    inits.least.push(...perInit(await smallVmm(host, [...VCPUS, '--level', String(registers)])))
    inits.ours.push(...perInit(await smallVmm(host, VCPUS, fleet)))
    inits.few.push(...perInit(await smallVmm(host, VCPUS, few)))
    exits['no filter'].push(perExit(await smallVmm(host, manyExits)))
    exits['allow list'].push(perExit(await smallVmm(host, [...manyExits, '--allow-list'])))
    exits.ours.push(perExit(await smallVmm(host, manyExits, few)))
  }
  const first = median(qemu.without)
  const share = (value: number): string => `, ${((value / first) * 100).toFixed(1)} %`
  const added = median(qemu.ours) - first
  const served = median(records.map((one) => inMilliseconds(one, 'in all')))
  console.log(`\nQEMU from exec to the guest's first line, medians of ${TIMES}`)
  say('  without us', first)
  say('  in a launch', median(qemu.ours))
  say('  added', added, share(added))
  const [launch] = records
  const what = `${launch?.vms ?? 0} VMs, ${launch?.vcpus ?? 0} INITs, ${registers} registers`
  say(`  of which its calls were served (${what})`, served, share(served))
  for (const { step, count } of launch?.steps ?? [])
    if (step !== 'in all')
      say(`    ${step}, ${count} times`, median(records.map((one) => inMilliseconds(one, step))))
  console.log(`\nKVM_ARM_VCPU_INIT as a VMM waits for it, medians of ${inits.ours.length}`)
  say('  without us', median(inits.without))
  say(`  with ${registers} registers read, written and read back by the VMM itself`, median(inits.least))
  say(`  in a launch, ${registers} registers`, median(inits.ours))
  say(`  in a launch, ${levelledPlan.registers.length} registers`, median(inits.few))
  say('  one more register', (median(inits.ours) - median(inits.few)) / moreRegisters)
  console.log(`\nA device exit, mean of ${TIMES} runs of ${EXITS} (95 % confidence)`)
  for (const [name, values] of Object.entries(exits)) {
    const [mean, half] = meanAndHalfWidth(values)
    console.log(`  ${name.padEnd(12)}${mean.toFixed(0).padStart(8)} ns +- ${half.toFixed(0)}`)
  }
  process.exitCode = added < first / 10 ? 0 : 1
} finally {
  await host.stop()
}
