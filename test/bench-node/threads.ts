import { median } from '../bench/statistics.ts'
import { ProgressBar } from '../differential/progress-bar.ts'
import type { OneNode } from '../node/start-one-node.ts'
import { CELL, ToldPod } from '../node/told-pod.ts'
import { LABEL } from '../node/installation.ts'
import { timedLaunch } from './timed-launch.ts'

const MOST = 2

/** 64 threads that ask KVM for a capability that a plan may hide, as fast as they are answered. */
const LOOPING = `/programs/ask-kvm 64 ${CELL}/end > ${CELL}/printed`

/**
 * How much longer a launch takes while 64 threads of another container make notified calls all the time. Resolves with what was found
 * wrong.
 */
export const benchThreads = async (cluster: OneNode, times: number): Promise<string[]> => {
  const pod = new ToldPod({
    ...{ kubectl: cluster.plane.kubectl, node: cluster.node, name: 'looping', script: LOOPING },
  })
  await pod.start()
  await timedLaunch(cluster, LABEL)
  const bar = new ProgressBar(2 * times)
  const launches = async (what: string): Promise<number[]> => {
    const took: number[] = []
    for (let launch = 0; launch < times; launch += 1) {
      took.push(await timedLaunch(cluster, LABEL))
      bar.step(what)
    }
    return took
  }
  const quiet = await launches('quiet')
  await pod.go()
  const beside = await launches('beside 64 threads')
  await pod.finish()
  await pod.ends()
  const printed = (await pod.printed()).trim()
  await pod.delete()
  const ratio = median(beside) / median(quiet)
  console.log(
    [
      `A launch while 64 threads of another container make notified calls all the time, medians of ${times}`,
      `  without them: ${(median(quiet) / 1000).toFixed(1)} s`,
      `  beside them:  ${(median(beside) / 1000).toFixed(1)} s, ${ratio.toFixed(2)} times as long`,
      `  meanwhile the threads were answered: ${printed}`,
    ].join('\n'),
  )
  return ratio < MOST ? [] : [`a launch takes ${ratio.toFixed(2)} times as long beside 64 threads`]
}
