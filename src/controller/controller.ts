import { randomUUID } from 'node:crypto'
import { CONTROLLER_LEASE } from '../api/names.ts'
import { installationProblems } from '../api/installed-objects.ts'
import { EventRecorder } from '../kube/event-recorder.ts'
import { getIfThere } from '../kube/get-if-there.ts'
import type { KubeClient } from '../kube/kube-client.ts'
import { LeaderElector } from '../kube/leader-elector.ts'
import type { Logger } from '../observability/logger.ts'
import type { Metrics } from '../observability/metrics.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Part } from '../runtime/lifecycle.ts'
import { VERSION } from '../runtime/version.ts'
import { missingRequirements, servedResources } from './cluster-requirements.ts'
import { ClusterState } from './cluster-state.ts'
import { controllers } from './controllers.ts'
import { fleetMetrics } from './fleet-metrics.ts'
import { Judgements } from './judgements.ts'
import { ReconcilerRunner } from './reconciler-runner.ts'

export type ControllerParts = {
  readonly client: KubeClient
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Metrics
  readonly identity: string
  /** Our own namespace: that of the Lease and of the settings. */
  readonly namespace: string
  /** Whether to lead only while holding the Lease. */
  readonly leaderElect: boolean
  /** Ends the process: leadership was lost. */
  readonly onLost: () => void
  /** Aborts when the process must stop. */
  readonly signal: AbortSignal
}

const RETRY_MS = 5_000
/** How often to look whether our CRDs and policies are still there. */
const LOOK_AGAIN_MS = 30_000

/** The controller without its process: watches the cluster, and reconciles while it leads. */
export class Controller {
  readonly #parts: ControllerParts
  readonly #state: ClusterState
  readonly #runners: readonly ReconcilerRunner[]
  readonly #events: EventRecorder
  readonly #elector: LeaderElector | undefined
  /** Aborts when leadership is lost. */
  readonly #deposed = new AbortController()
  #missing: readonly string[] = ['the API server has not answered yet']

  constructor(parts: ControllerParts) {
    const { client, clock, log, metrics, identity, namespace } = parts
    this.#parts = parts
    this.#state = new ClusterState({ client, clock, log, settingsNamespace: namespace })
    this.#events = new EventRecorder({
      client,
      clock,
      log,
      controller: 'cpufeatures.dev/controller',
      instance: identity,
      observe: (result) => {
        metrics.increment('cpufeatures_events_total', { result })
      },
    })
    const context = {
      ...{ clock, log, metrics },
      // What a reconciler has begun ends when we no longer lead: its next write may come after another leader's.
      client: client.until(this.#deposed.signal),
      state: this.#state,
      events: this.#events,
      judgements: new Judgements(this.#state.classes),
    }
    this.#runners = controllers(context).map((reconciler) => {
      const named = log.child({ controller: reconciler.name })
      return new ReconcilerRunner({ reconciler, clock, log: named, metrics })
    })
    this.#elector = this.#makeElector()
    fleetMetrics(this.#state, metrics)
  }

  /** Why the controller is not ready: the cluster lacks something, or some resources have not been listed yet. */
  notReady(): readonly string[] {
    if (this.#missing.length > 0) return this.#missing
    return this.#state.synced ? [] : ['not every resource has been listed yet']
  }

  /** In start order. The reconcilers start after the election, and stop before we release the Lease. */
  parts(): readonly Part[] {
    const nothing = () => undefined
    return [
      { name: 'events', start: nothing, stop: () => this.#events.flush() },
      { name: 'cluster state', start: this.#begin, stop: () => this.#state.stop() },
      { name: 'leader election', start: nothing, stop: () => this.#elector?.stop() },
      { name: 'reconcilers', start: nothing, stop: () => this.#stopRunners() },
    ]
  }

  /** Runs in the background: waits for a cluster that is away or incomplete, while /readyz says so. */
  #begin = (): undefined => {
    void this.#follow().catch((error: unknown) => {
      this.#parts.log.error({ err: error }, 'cannot watch the cluster')
    })
    return undefined
  }

  #stopped(): boolean {
    return this.#parts.signal.aborted
  }

  async #follow(): Promise<void> {
    const { signal, clock, log } = this.#parts
    while (!this.#stopped()) {
      this.#missing = await this.#check()
      if (this.#missing.length === 0) break
      log.warn({ missing: this.#missing }, 'the cluster lacks what the controller needs; trying again')
      await clock.sleep(RETRY_MS, signal)
    }
    if (this.#stopped()) return
    await this.#state.start()
    log.info({ classes: this.#state.classes.entries().length }, 'everything was listed')
    if (this.#stopped()) return
    if (this.#elector === undefined) this.#lead()
    else this.#elector.start()
    await this.#keepLooking()
  }

  /** What was there can be taken away. The controller goes on then, and /readyz says what is missing. */
  async #keepLooking(): Promise<void> {
    const { signal, clock, log } = this.#parts
    while (!this.#stopped()) {
      await clock.sleep(LOOK_AGAIN_MS, signal)
      const missing = await this.#check()
      if (missing.join() !== this.#missing.join())
        log.warn({ missing }, 'what the controller needs has changed')
      this.#missing = missing
    }
  }

  async #check(): Promise<readonly string[]> {
    try {
      const { client, signal } = this.#parts
      const missing = missingRequirements(await servedResources(client, signal))
      if (missing.length > 0) return missing
      return await installationProblems(
        (resource, name) => getIfThere(client, resource, { name }, signal),
        VERSION,
      )
    } catch (error) {
      return [`the API server cannot be asked: ${error instanceof Error ? error.message : String(error)}`]
    }
  }

  #lead(): void {
    this.#parts.metrics.set('cpufeatures_leader_is_leading', {}, 1)
    if (!this.#stopped()) for (const runner of this.#runners) runner.start()
  }

  #makeElector(): LeaderElector | undefined {
    const { namespace, leaderElect, client, clock, log, identity, metrics, onLost } = this.#parts
    metrics.set('cpufeatures_leader_is_leading', {}, 0)
    if (!leaderElect) return undefined
    return new LeaderElector({
      ...{ client, clock, log, name: CONTROLLER_LEASE, namespace },
      // A killed process that restarts under its old name is another candidate.
      identity: `${identity}_${randomUUID()}`,
      onElected: () => {
        this.#lead()
      },
      onLost: () => {
        this.#deposed.abort()
        metrics.set('cpufeatures_leader_is_leading', {}, 0)
        onLost()
      },
    })
  }

  async #stopRunners(): Promise<void> {
    await Promise.all(this.#runners.map((runner) => runner.stop()))
  }
}
