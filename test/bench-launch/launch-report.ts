import { IN_ALL } from '../../src/launch/record/launch-record.ts'
import { median } from '../bench/statistics.ts'
import type { LaunchCost } from './measure.ts'
import { medianInterval, paired } from './paired.ts'
import { MEASURED, type Measured, type Plans, type Turn } from './take-turns.ts'

/** What the filters do to a KVM_RUN: how many instructions each executes, and whether Linux can leave that out. */
export type FilterSteps = Readonly<
  Record<'ours' | 'default', { readonly executed: number; readonly looksAtArguments: boolean }>
>

const line = (what: string, value: number, more = ''): string =>
  `${what.padEnd(68)}${value.toFixed(1).padStart(8)} ms${more}`

const percent = (part: number, whole: number): string => `, ${((part / whole) * 100).toFixed(1)} %`

/** The time of a step in a launch's record. */
export const inMilliseconds = ({ steps }: LaunchCost, name: string): number =>
  (steps.find(({ step }) => step === name)?.microseconds ?? 0) / 1000

/** Where the time of the calls goes that were served: medians by step, and what is in none. */
const breakdown = (records: readonly LaunchCost[]): string[] => {
  const names = (records[0]?.steps ?? []).filter(({ step }) => step !== IN_ALL)
  const rest = records.map(
    (one) =>
      inMilliseconds(one, IN_ALL) - names.reduce((sum, { step }) => sum + inMilliseconds(one, step), 0),
  )
  return [
    ...names.map(({ step, count }) =>
      line(`    ${step}, ${count} times`, median(records.map((one) => inMilliseconds(one, step)))),
    ),
    line('    in no step: filter, queue, decisions, record', median(rest)),
  ]
}

/** The medians of what some turns measured. */
type Medians = Readonly<Record<Measured, number>> & { readonly records: readonly LaunchCost[] }

const valuesOf = (turns: readonly Turn[], name: Measured): number[] =>
  turns.map((turn) => turn[name]).filter((value) => !Number.isNaN(value))

const mediansOf = (turns: readonly Turn[]): Medians => {
  const medians = Object.fromEntries(MEASURED.map((name) => [name, median(valuesOf(turns, name))]))
  return { ...(medians as Record<Measured, number>), records: turns.map(({ record }) => record) }
}

const launchLines = (all: Medians, { registers }: Plans): string[] => {
  const first = all.qemuWithout
  const added = all.qemuOurs - first
  const alone = all.qemuAlone - first
  const served = median(all.records.map((one) => inMilliseconds(one, IN_ALL)))
  const { vms = 0, vcpus = 0 } = all.records[0] ?? {}
  return [
    `QEMU from exec to the guest's first line, medians of ${all.records.length}`,
    line('  without us', first),
    line("  in a launch, served by the host's supervisor", first + added),
    line('  added', added, percent(added, first)),
    line('  in a launch with a supervisor of its own, whose code is new', first + alone),
    line('  added', alone, percent(alone, first)),
    line(
      `  serving its calls (${vms} VMs, ${vcpus} vCPUs levelled, ${registers} registers)`,
      served,
      percent(served, first),
    ),
    ...breakdown(all.records),
    '',
    `A VM with one vCPU of the small VMM, from exec to its guest's last exit, medians of ${all.records.length}`,
    line('  without us', all.vmWithout),
    line(`  with ${registers} registers read, written and read back by the VMM itself`, all.vmLeast),
    line('  in a launch', all.vmOurs),
    line('  added to the launch of a VM', all.vmOurs - all.vmWithout),
    line('  the least it could be', all.vmLeast - all.vmWithout),
  ]
}

const initLines = (all: Medians, { registers }: Plans, fewer: number): string[] => [
  `KVM_ARM_VCPU_INIT as a VMM waits for it, the vCPU in the middle of 8, medians of ${all.records.length}`,
  line('  without us', all.initWithout),
  line(`  with ${registers} registers read, written and read back by the VMM itself`, all.initLeast),
  line(`  in a launch, ${registers} registers`, all.initOurs),
  line(`  in a launch, ${fewer} registers`, all.initFew),
  line('  added to a vCPU', all.initOurs - all.initWithout),
  line('  the least it could be', all.initLeast - all.initWithout),
  line('  one more planned register', (all.initOurs - all.initFew) / (registers - fewer)),
  line('  one more register, by the VMM itself', (all.initLeast - all.initWithout) / registers),
  line('  by the VMM itself, of 64 vCPUs', all.init64Least),
  line('  in a launch, of 64 vCPUs', all.init64Ours),
  line('  by the VMM itself, of 255 vCPUs', all.init255Least),
  line('  in a launch, of 255 vCPUs', all.init255Ours),
]

const withInterval = (what: string, values: readonly number[]): string => {
  const { middle, low, high } = medianInterval(values)
  return `${what.padEnd(44)}${middle.toFixed(0).padStart(8)} ns, ${low.toFixed(0)} to ${high.toFixed(0)}`
}

const filterLine = (name: string, { executed, looksAtArguments }: FilterSteps['ours']): string =>
  `  ${name}: KVM_RUN passes by instruction ${executed}` +
  (looksAtArguments
    ? ''
    : '; Linux 5.11 and later does not execute it for a call that is allowed whatever its arguments')

const exitLines = (turns: readonly Turn[], filters: FilterSteps): string[] => {
  const [ours, byDefault] = [valuesOf(turns, 'exitOurs'), valuesOf(turns, 'exitDefault')]
  return [
    `A device exit of a guest, median of ${ours.length} runs and its 95 % interval`,
    withInterval('  no filter', valuesOf(turns, 'exitNone')),
    withInterval("  a container runtime's default filter", byDefault),
    withInterval('  ours', ours),
    withInterval(
      '  ours less the default, turn by turn',
      paired(ours, byDefault, (one, other) => one - other),
    ),
    filterLine('ours', filters.ours),
    filterLine('the default', filters.default),
  ]
}

/** Everything that was measured, for people. */
export const launchReport = (
  turns: readonly Turn[],
  { plans, fewer, filters }: { readonly plans: Plans; readonly fewer: number; readonly filters: FilterSteps },
): string => {
  const medians = mediansOf(turns)
  return [launchLines(medians, plans), initLines(medians, plans, fewer), exitLines(turns, filters)]
    .map((lines) => lines.join('\n'))
    .join('\n\n')
}
