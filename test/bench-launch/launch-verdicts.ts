import { IN_ALL } from '../../src/launch/record/launch-record.ts'
import { inMilliseconds, type FilterSteps } from './launch-report.ts'
import { judge, medianInterval, paired, type Judgement } from './paired.ts'
import type { Measured, Turn } from './take-turns.ts'

/** A claim of the product, and what the turns say of it. `measured`: the figure with its interval, for people. */
export type Verdict = { readonly claim: string; readonly judgement: Judgement; readonly measured: string }

/** A launch may add less than this share of what QEMU takes from exec to its guest's first line. */
const MOST_ADDED = 0.1
/** Serving its calls may take less than this share of it. */
const MOST_SERVED = 0.04
/** An INIT may take less than so many times what the VMM itself would need for the same reads and writes. */
const MOST_INIT = 8
/** A device exit that is slower by less than this share counts as no slower. */
const MOST_EXIT = 0.05

const share = (ours: number, without: number): number => (ours - without) / without
const ratio = (ours: number, least: number): number => ours / least

const percent = (value: number): string => `${(value * 100).toFixed(1)} %`
const times = (value: number): string => `${value.toFixed(1)} times`

type Target = { readonly claim: string; readonly target: number; readonly shown: (value: number) => string }

const verdict = ({ claim, target, shown }: Target, values: readonly number[]): Verdict => {
  const interval = medianInterval(values)
  const { middle, low, high } = interval
  const measured = ` (${shown(middle)}, 95 % of ${values.length}: ${shown(low)} to ${shown(high)})`
  return { claim: `${claim} ${shown(target)}`, judgement: judge(interval, target), measured }
}

/** What is claimed, and whether it was so: each turn's own pairs are compared, never a median with another. */
export const launchVerdicts = (turns: readonly Turn[], filters: FilterSteps): Verdict[] => {
  const of = (name: Measured): number[] => turns.map((turn) => turn[name])
  const served = turns.map(({ record }) => inMilliseconds(record, IN_ALL))
  const isFirst = filters.ours.executed <= filters.default.executed
  return [
    verdict(
      {
        claim: "a launch that the host's supervisor serves adds, of QEMU's exec to first line, less than",
        target: MOST_ADDED,
        shown: percent,
      },
      paired(of('qemuOurs'), of('qemuWithout'), share),
    ),
    verdict(
      { claim: 'serving its calls takes less of that than', target: MOST_SERVED, shown: percent },
      paired(served, of('qemuWithout'), ratio),
    ),
    ...(
      [
        [8, 'initOurs', 'initLeast'],
        [64, 'init64Ours', 'init64Least'],
        [255, 'init255Ours', 'init255Least'],
      ] as const
    ).map(([vcpus, ours, least]) =>
      verdict(
        {
          claim: `an INIT of a VM with ${vcpus} vCPUs takes, of what the VMM itself needs for the same, less than`,
          target: MOST_INIT,
          shown: times,
        },
        paired(of(ours), of(least), ratio),
      ),
    ),
    verdict(
      {
        claim: "a device exit is slower than under the runtime's default filter by less than",
        target: MOST_EXIT,
        shown: percent,
      },
      paired(of('exitOurs'), of('exitDefault'), share),
    ),
    {
      claim: 'KVM_RUN passes our filter before all else',
      judgement: isFirst ? 'ok' : 'MISSED',
      measured: '',
    },
  ]
}
