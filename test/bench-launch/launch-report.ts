import { meanAndHalfWidth, median } from '../bench/statistics.ts'
import type { LaunchCost } from './measure.ts'
import type { Plans, Turns } from './take-turns.ts'

/** What the filters do to a KVM_RUN: how many instructions each executes, and whether Linux can leave that out. */
export type FilterSteps = Readonly<
  Record<'ours' | 'default', { readonly executed: number; readonly looksAtArguments: boolean }>
>

/** A claim of the product, and whether it was so. */
export type Verdict = { readonly claim: string; readonly held: boolean }

/** A launch may add less than this share of what QEMU takes from exec to its guest's first line. */
const MOST_ADDED = 0.1

const line = (what: string, value: number, more = ''): string =>
  `${what.padEnd(68)}${value.toFixed(1).padStart(8)} ms${more}`

const percent = (part: number, whole: number): string => `, ${((part / whole) * 100).toFixed(1)} %`

const inMilliseconds = ({ steps }: LaunchCost, name: string): number =>
  (steps.find(({ step }) => step === name)?.microseconds ?? 0) / 1000

const IN_ALL = 'in all'

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

const launchLines = (turns: Turns, { registers }: Plans): string[] => {
  const first = median(turns.qemuWithout)
  const added = median(turns.qemuOurs) - first
  const alone = median(turns.qemuAlone) - first
  const served = median(turns.records.map((one) => inMilliseconds(one, IN_ALL)))
  const { vms = 0, vcpus = 0 } = turns.records[0] ?? {}
  return [
    `QEMU from exec to the guest's first line, medians of ${turns.qemuOurs.length}`,
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
    ...breakdown(turns.records),
    '',
    `A VM with one vCPU of the small VMM, from exec to its guest's last exit, medians of ${turns.vmOurs.length}`,
    line('  without us', median(turns.vmWithout)),
    line(
      `  with ${registers} registers read, written and read back by the VMM itself`,
      median(turns.vmLeast),
    ),
    line('  in a launch', median(turns.vmOurs)),
    line('  added to the launch of a VM', median(turns.vmOurs) - median(turns.vmWithout)),
    line('  the least it could be', median(turns.vmLeast) - median(turns.vmWithout)),
  ]
}

const initLines = (turns: Turns, { registers }: Plans, fewer: number): string[] => [
  `KVM_ARM_VCPU_INIT as a VMM waits for it, medians of ${turns.initOurs.length}`,
  line('  without us', median(turns.initWithout)),
  line(
    `  with ${registers} registers read, written and read back by the VMM itself`,
    median(turns.initLeast),
  ),
  line(`  in a launch, ${registers} registers`, median(turns.initOurs)),
  line(`  in a launch, ${fewer} registers`, median(turns.initFew)),
  line('  added to a vCPU', median(turns.initOurs) - median(turns.initWithout)),
  line('  the least it could be', median(turns.initLeast) - median(turns.initWithout)),
  line('  one more planned register', (median(turns.initOurs) - median(turns.initFew)) / (registers - fewer)),
  line(
    '  one more register, by the VMM itself',
    (median(turns.initLeast) - median(turns.initWithout)) / registers,
  ),
]

const withInterval = (what: string, values: readonly number[]): string => {
  const [mean, half] = meanAndHalfWidth(values)
  return `${what.padEnd(44)}${mean.toFixed(0).padStart(8)} ns +- ${half.toFixed(0)}`
}

/** Ours less the default, turn by turn. */
const difference = ({ exitOurs, exitDefault }: Turns): number[] =>
  exitOurs.map((ours, turn) => ours - (exitDefault[turn] ?? NaN))

const filterLine = (name: string, { executed, looksAtArguments }: FilterSteps['ours']): string =>
  `  ${name}: KVM_RUN passes by instruction ${executed}` +
  (looksAtArguments
    ? ''
    : '; Linux 5.11 and later does not execute it for a call that is allowed whatever its arguments')

const exitLines = (turns: Turns, filters: FilterSteps): string[] => [
  `A device exit of a guest, mean of ${turns.exitOurs.length} runs and its 95 % confidence interval`,
  withInterval('  no filter', turns.exitNone),
  withInterval("  a container runtime's default filter", turns.exitDefault),
  withInterval('  ours', turns.exitOurs),
  withInterval('  ours less the default, turn by turn', difference(turns)),
  filterLine('ours', filters.ours),
  filterLine('the default', filters.default),
]

/** Everything that was measured, for people. */
export const launchReport = (
  turns: Turns,
  { plans, fewer, filters }: { readonly plans: Plans; readonly fewer: number; readonly filters: FilterSteps },
): string =>
  [launchLines(turns, plans), initLines(turns, plans, fewer), exitLines(turns, filters)]
    .map((lines) => lines.join('\n'))
    .join('\n\n')

/** What is claimed, and whether it was so. */
export const launchVerdicts = (turns: Turns, filters: FilterSteps): Verdict[] => {
  const first = median(turns.qemuWithout)
  const [mean, half] = meanAndHalfWidth(difference(turns))
  return [
    {
      claim: `a launch that the host's supervisor serves adds less than ${MOST_ADDED * 100} % of QEMU's exec to first line`,
      held: median(turns.qemuOurs) - first < first * MOST_ADDED,
    },
    {
      claim: `a device exit is no slower than under the runtime's default filter (${mean.toFixed(0)} +- ${half.toFixed(0)} ns)`,
      held: mean - half <= 0,
    },
    {
      claim: 'KVM_RUN passes our filter before all else',
      held: filters.ours.executed <= filters.default.executed,
    },
  ]
}
