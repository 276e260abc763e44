import { CELL, ToldPod, toldQemu } from '../node/told-pod.ts'
import { guestOutcome, launchesOutcome, type PodSeen } from './cell-outcome.ts'
import type { OneNode } from '../node/start-one-node.ts'

/** Where a container is when the fault comes. */
export type Phase = 'first-call' | 'launch' | 'running' | 'reboot'

export const PHASES: Readonly<Record<Phase, string>> = {
  'first-call':
    'the container of the pod runs, but has not made any KVM call. It launches its VM while the fault is in effect.',
  launch: 'the container of the pod launches one small VM after another, all the time.',
  running:
    'the guest in the pod runs, and must continue while the fault is in effect. It reboots when the fault is over.',
  reboot: 'the same guest. It also reboots while the fault is in effect.',
}

export const PHASE_NAMES = Object.keys(PHASES) as Phase[]

/** A guest that reboots was running before, so these two have one pod: an emulated node carries few guests. */
export type PodPhase = Exclude<Phase, 'reboot'>

const ONE_VMM = `"$0" >> ${CELL}/printed 2>&1; echo "EXIT $?" >> ${CELL}/printed`

const SCRIPTS: Readonly<Record<PodPhase, string>> = {
  'first-call': toldQemu(),
  launch: `while [ ! -e ${CELL}/end ]; do ${ONE_VMM}; sleep 1; done; true`,
  running: toldQemu(),
}

const EACH_EVENT = 'jsonpath={range .items[*]}{.count} {.message}{"\\n"}{end}'

const PROBE = { exec: { command: ['true'] }, periodSeconds: 30, timeoutSeconds: 60, failureThreshold: 1 }

/** A pod that is in a phase when the fault comes. */
export class PhasePod {
  readonly phase: PodPhase
  readonly pod: ToldPod
  readonly #cluster: OneNode

  constructor(phase: PodPhase, cluster: OneNode) {
    const { node, plane } = cluster
    this.phase = phase
    this.#cluster = cluster
    const request = { kubectl: plane.kubectl, node, name: phase, script: SCRIPTS[phase] }
    this.pod = new ToldPod({ ...request, container: { readinessProbe: PROBE } })
  }

  /** How often its guest has said what CPU it sees, or how many small VMMs have ended. */
  times(): Promise<number> {
    return this.pod.count('GUEST-END|^EXIT')
  }

  /** Waits until that is so often; false if it ended before, or hangs. */
  reached(times: number): Promise<boolean> {
    return this.pod.prints('GUEST-END|^EXIT', times)
  }

  reboot(): Promise<string> {
    return this.pod.monitor('system_reset')
  }

  /** Ends what runs in it. */
  async end(): Promise<void> {
    await this.pod.finish()
    if (this.phase !== 'launch' && (await this.pod.exitCode()) === undefined) await this.pod.monitor('quit')
    await this.pod.ends()
  }

  /** What came of it. */
  async outcome(isDone: boolean): Promise<string> {
    const seen: PodSeen = {
      isDone,
      printed: await this.pod.printed(),
      exitCode: await this.pod.exitCode(),
      failedProbes: await this.#failedProbes(),
    }
    return this.phase === 'launch' ? launchesOutcome(seen) : guestOutcome(seen)
  }

  /** By its uid: the pods of each round have the same names. Why each failed is printed. */
  async #failedProbes(): Promise<number> {
    const { kubectl } = this.#cluster.plane
    const uid = await kubectl(['get', 'pod', this.phase, '-o', 'jsonpath={.metadata.uid}'])
    const of = ['--field-selector', `reason=Unhealthy,involvedObject.uid=${uid}`]
    const told = await kubectl(['get', 'events', ...of, '-o', EACH_EVENT])
    const lines = told.split('\n').filter((line) => line !== '')
    for (const line of lines) console.log(`  ${this.phase}: probe failed ${line}`)
    return lines.reduce((sum, line) => sum + Number.parseInt(line, 10), 0)
  }
}
