import { setTimeout as delay } from 'node:timers/promises'
import { HANG_GUARD_S } from '../harness/eventually.ts'
import { NAMESPACE, serving } from '../node/installation.ts'
import { CLUSTER_FAULTS } from './cluster-fault.ts'
import type { OneNode } from '../node/start-one-node.ts'
import { PhasePod, type Phase, type PodPhase } from './phase-pod.ts'

/** How many small VMMs must have ended before the fault, and how many more after it. */
const LAUNCHES = 3

/** What each phase's pod came to. */
export type RoundOutcomes = Readonly<Record<Phase, string>>

type Pods = Readonly<Record<PodPhase, PhasePod>>

/** Brings each pod into its phase, and sees that it is there. */
const intoPhases = async (pods: Pods): Promise<void> => {
  await Promise.all(Object.values(pods).map(({ pod }) => pod.start()))
  await pods.running.pod.go()
  const hasBooted = await pods.running.reached(1)
  await pods.launch.pod.go()
  if (!hasBooted || !(await pods.launch.reached(LAUNCHES)))
    throw new Error('the pods did not come into their phases')
}

/** What each pod does while the fault is in effect; whether the running guest went on. */
const whileInEffect = async (pods: Pods): Promise<boolean> => {
  await pods['first-call'].pod.go()
  // A running VM makes no notified call, so nothing may hold it up.
  const wentOn = await pods.running.pod.goesOn()
  await pods.running.reboot()
  return wentOn
}

/** Whether each phase comes to its end once the fault is over. */
const afterwards = async (pods: Pods): Promise<Readonly<Record<Phase, boolean>>> => {
  const launches = await pods.launch.times()
  const [first, launch, reboot] = await Promise.all([
    pods['first-call'].reached(1),
    pods.launch.reached(launches + LAUNCHES),
    pods.running.reached(2),
  ])
  await pods.running.reboot()
  return { 'first-call': first, launch, reboot, running: await pods.running.reached(3) }
}

/** Waits until nothing of the product is on its way any more. */
const settled = async ({ plane }: OneNode): Promise<void> => {
  for (const workload of ['daemonset/cpufeatures-holder', 'daemonset/cpufeatures-node-agent'])
    await plane.kubectl(['-n', NAMESPACE, 'rollout', 'status', workload, `--timeout=${HANG_GUARD_S}s`])
  await serving(plane.kubectl, ['v1'])
}

/** Causes one fault while there is a pod in each phase. Throws where the round itself could not be made. */
export const faultRound = async (cluster: OneNode, name: string): Promise<RoundOutcomes> => {
  const fault = CLUSTER_FAULTS[name]
  if (fault === undefined) throw new Error(`no fault "${name}"`)
  const pods: Pods = {
    'first-call': new PhasePod('first-call', cluster),
    launch: new PhasePod('launch', cluster),
    running: new PhasePod('running', cluster),
  }
  await settled(cluster)
  await intoPhases(pods)
  await fault.begin(cluster)
  const [wentOn] = await Promise.all([whileInEffect(pods), delay((fault.seconds ?? 0) * 1000)])
  await fault.end?.(cluster)
  await settled(cluster)
  const done = await afterwards(pods)
  await Promise.all(Object.values(pods).map((one) => one.end()))
  const outcomes = {
    'first-call': await pods['first-call'].outcome(done['first-call']),
    launch: await pods.launch.outcome(done.launch),
    running: await pods.running.outcome(wentOn && done.running),
    reboot: await pods.running.outcome(done.reboot),
  }
  await Promise.all(Object.values(pods).map((one) => one.pod.delete()))
  return outcomes
}
