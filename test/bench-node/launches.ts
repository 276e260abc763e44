import { judge, medianInterval, paired } from '../bench-launch/paired.ts'
import { ProgressBar } from '../differential/progress-bar.ts'
import { median } from '../bench/statistics.ts'
import type { OneNode } from '../node/start-one-node.ts'
import { LABEL } from '../node/installation.ts'
import { timedLaunch } from './timed-launch.ts'

/** Of a whole launch, at most. */
const TARGET_PERCENT = 10

const seconds = (milliseconds: number): string => (milliseconds / 1000).toFixed(1)

/**
 * What a profile adds to a launch, from the creation of the pod to the guest's first line: pairs, one with and one without, each first
 * in half of them. Resolves with what was found wrong.
 */
export const benchLaunches = async (cluster: OneNode, times: number): Promise<string[]> => {
  // The first of each kind takes longer: programs are read, and translated.
  await timedLaunch(cluster, {})
  await timedLaunch(cluster, LABEL)
  const [withProfile, without]: [number[], number[]] = [[], []]
  const bar = new ProgressBar(times)
  for (let pair = 1; pair <= times; pair += 1) {
    const kinds = [
      [LABEL, withProfile],
      [{}, without],
    ] as const
    for (const [labels, into] of pair % 2 === 0 ? kinds : kinds.toReversed())
      into.push(await timedLaunch(cluster, labels))
    bar.step(`pair ${pair}`)
  }
  const added = medianInterval(paired(withProfile, without, (one, other) => (one / other - 1) * 100))
  const noise = medianInterval(
    without.slice(1).map((one, at) => Math.abs(one / (without[at] ?? NaN) - 1) * 100),
  )
  const judgement = judge(added, TARGET_PERCENT)
  console.log(
    [
      `From the creation of a pod to its guest's first line, ${times} pairs on one emulated node`,
      `  without a profile: ${seconds(median(without))} s (${without.map(seconds).join(' ')})`,
      `  with a profile:    ${seconds(median(withProfile))} s (${withProfile.map(seconds).join(' ')})`,
      `  added, pair by pair: ${added.middle.toFixed(1)} % (${added.low.toFixed(1)} to ${added.high.toFixed(1)})`,
      `  the same launch without a profile, one beside the next: ${noise.middle.toFixed(1)} % apart`,
      `  below ${TARGET_PERCENT} %: ${judgement}`,
    ].join('\n'),
  )
  const isBelow = judgement === 'ok' || added.middle < Math.max(TARGET_PERCENT, noise.middle)
  return isBelow ? [] : [`a profile adds ${added.middle.toFixed(1)} % to a launch`]
}
