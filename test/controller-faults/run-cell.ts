import { setTimeout as delay } from 'node:timers/promises'
import { ArmedFault, QUIET_MS } from './cause-fault.ts'
import type { Cell } from './cell.ts'
import { cellOutcome, objectDifferences, type ClusterSnapshot } from './cell-outcome.ts'
import { clusterSnapshot, eventNames } from './cluster-snapshot.ts'
import { leader, type ControllerProcess } from './controller-process.ts'
import type { FaultCluster } from './fault-cluster.ts'
import { isElection, numbered } from './request-form.ts'
import { SCENARIOS, type Scenario, type ScenarioName } from './scenarios.ts'

/** A scenario without a fault: the requests of the controller, and the end state. */
export type Rehearsal = { readonly requests: readonly string[]; readonly end: ClusterSnapshot }

/** A controller whose back-off has grown tries again within this time. */
const IN_TIME_MS = 200_000

/** For how long a request with a fault is waited for: the leader renews its Lease every two seconds. */
const COMES_WITHIN_MS = 10_000

/** Long enough that everything that a controller does after a change has begun. */
const SURELY_QUIET_MS = 2500

/** On a slow machine, a controller that is at work is quiet for longer. */
const QUIET_REQUESTS = 100

/** At least `quietMs`; on a slow machine as long as many requests take there. */
const quietTimeMs = async ({ admin }: FaultCluster, quietMs: number): Promise<number> => {
  const startedAt = performance.now()
  await leader(admin)
  return Math.max(quietMs, QUIET_REQUESTS * (performance.now() - startedAt))
}

/** The controllers of one cell, each with its proxy. */
class CellControllers {
  readonly #cluster: FaultCluster
  readonly #all: ControllerProcess[] = []
  #holder = ''
  #heldSinceMs = 0

  constructor(cluster: FaultCluster) {
    this.#cluster = cluster
  }

  async add(name: string): Promise<ControllerProcess> {
    const controller = await this.#cluster.controller(name)
    this.#all.push(controller)
    return controller
  }

  /** Whether one of them leads, and for so long that none has asked for anything. */
  async areQuiet(forMs: number): Promise<boolean> {
    const holder = await leader(this.#cluster.admin)
    if (holder !== this.#holder) {
      this.#holder = holder
      this.#heldSinceMs = performance.now()
    }
    return (
      this.#all.some((one) => one.isHolder(holder)) &&
      performance.now() - this.#heldSinceMs > forMs &&
      this.#all.every(({ proxy }) => proxy.quietMs > forMs)
    )
  }

  async stop(): Promise<void> {
    await Promise.all(this.#all.map((one) => one.stop()))
  }
}

/** Asks until it is so, or until the time is over; whether it is so. */
const inTime = async (question: () => Promise<boolean>): Promise<boolean> => {
  const endMs = performance.now() + IN_TIME_MS
  while (performance.now() < endMs) {
    if (await question()) return true
    await delay(50)
  }
  return false
}

type Played = { readonly armed: ArmedFault; readonly isAtRest: boolean; readonly end: ClusterSnapshot }

type Play = {
  readonly target?: Pick<Cell, 'request' | 'fault'>
  /** Whether the cluster may stay as it is; asked each time that the controllers are quiet. */
  readonly isEnd: (snapshot: ClusterSnapshot) => boolean
  readonly quietMs: number
}

/** Plays a scenario from a clean cluster to its end. */
const play = async (
  cluster: FaultCluster,
  scenario: Scenario,
  { target, isEnd, quietMs }: Play,
): Promise<Played> => {
  await cluster.clean()
  const controllers = new CellControllers(cluster)
  const first = await controllers.add('first')
  const armed = new ArmedFault({ first, second: () => controllers.add('second') }, target)
  try {
    if (scenario.startsController !== true) {
      first.start()
      await first.leads()
    }
    await scenario.prepare(cluster)
    if (scenario.startsController !== true && !(await inTime(() => controllers.areQuiet(QUIET_MS))))
      throw new Error('the controller does not come to rest before the change')
    const eventsBefore = await eventNames(cluster.admin)
    first.proxy.intervene = armed.intervene
    await scenario.change(cluster)
    if (scenario.startsController === true) first.start()
    let end = await clusterSnapshot(cluster.admin, eventsBefore)
    let isAtRest = false
    const comesUntilMs = performance.now() + (target === undefined ? 0 : COMES_WITHIN_MS)
    await inTime(async () => {
      isAtRest = armed.isOver && (await controllers.areQuiet(await quietTimeMs(cluster, quietMs)))
      if (!isAtRest) return false
      end = await clusterSnapshot(cluster.admin, eventsBefore)
      return isEnd(end) && (armed.wasCaused || performance.now() > comesUntilMs)
    })
    return { armed, isAtRest, end }
  } finally {
    await controllers.stop()
  }
}

/** Plays a scenario without a fault. */
export const rehearse = async (cluster: FaultCluster, name: ScenarioName): Promise<Rehearsal> => {
  const scenario: Scenario = SCENARIOS[name]
  const { armed, isAtRest, end } = await play(cluster, scenario, {
    isEnd: () => true,
    quietMs: SURELY_QUIET_MS,
  })
  if (!isAtRest) throw new Error(`${name}: the controller does not come to rest, without any fault`)
  const requests = numbered(armed.forms)
  // Renewals come all the time; of the election, the first request of each form belongs to a start.
  const isOwn = (request: string): boolean =>
    !isElection(request) || (scenario.startsController === true && !request.includes('#'))
  return { requests: requests.filter(isOwn), end }
}

/** Plays a scenario with a fault at one request. Resolves with the outcome in the words of the page. */
export const runCell = async (
  cluster: FaultCluster,
  cell: Cell,
  expected: ClusterSnapshot,
): Promise<string> => {
  const { armed, isAtRest, end } = await play(cluster, SCENARIOS[cell.scenario], {
    target: cell,
    isEnd: (snapshot) => objectDifferences(expected, snapshot).length === 0,
    quietMs: QUIET_MS,
  })
  return cellOutcome({ wasCaused: armed.wasCaused, isAtRest, expected, actual: end })
}
