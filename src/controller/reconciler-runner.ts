import type { Log } from '../kube/log.ts'
import { runWorkers } from '../kube/run-workers.ts'
import { WorkQueue } from '../kube/work-queue.ts'
import type { Metrics } from '../observability/metrics.ts'
import { observeReconciles } from '../observability/observe-reconciles.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Reconciler } from './reconciler.ts'

export type RunnerOptions = {
  readonly reconciler: Reconciler
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
}

/** One reconciler with its queue and workers. */
export class ReconcilerRunner {
  readonly #options: RunnerOptions
  readonly #queue: WorkQueue<string>
  #running: Promise<void> | undefined
  #stopping = false

  constructor(options: RunnerOptions) {
    this.#options = options
    this.#queue = new WorkQueue({ clock: options.clock, backoff: { baseMs: 100, maxMs: 60_000 } })
  }

  /** Subscribes, and works on everything there is. */
  start(): void {
    const { reconciler, log, metrics } = this.#options
    const observe = observeReconciles(metrics, reconciler.name)
    this.#running ??= runWorkers(this.#queue, {
      concurrency: reconciler.concurrency,
      // At a stop, work that has started is finished; keys that only wait are left to the next leader.
      reconcile: (key) => (this.#stopping ? Promise.resolve(undefined) : reconciler.reconcile(key)),
      log,
      observe: (outcome) => {
        observe(outcome)
        this.#showDepth()
      },
    })
    reconciler.watch((key, afterMs = 0) => {
      this.#queue.addAfter(key, afterMs)
      this.#showDepth()
    })
  }

  async stop(): Promise<void> {
    this.#stopping = true
    await this.#queue.shutdown()
    await this.#running
  }

  #showDepth(): void {
    const { metrics, reconciler } = this.#options
    metrics.set('cpufeatures_queue_depth', { controller: reconciler.name }, this.#queue.depth)
  }
}
