import type { EventRecorder } from '../kube/event-recorder.ts'
import type { KubeClient } from '../kube/kube-client.ts'
import type { Log } from '../kube/log.ts'
import type { ReconcileResult } from '../kube/run-workers.ts'
import type { Metrics } from '../observability/metrics.ts'
import type { Clock } from '../runtime/clock.ts'
import type { ClusterState } from './cluster-state.ts'
import type { Judgements } from './judgements.ts'

/** Puts a key into the reconciler's queue: at once, or when `afterMs` have passed, so that a burst counts once. */
export type Enqueue = (key: string, afterMs?: number) => void

/** Brings one kind of object where it shall be. Level-based: what it does follows from what is, not from what happened. */
export type Reconciler = {
  readonly name: string
  /** How many keys are worked on at once. */
  readonly concurrency: number
  /** Subscribes to all that its outcome depends on. */
  watch(enqueue: Enqueue): void
  /** Throws to be called again after a back-off. */
  reconcile(key: string): Promise<ReconcileResult>
}

/** What every reconciler is made from. */
export type ReconcilerContext = {
  readonly client: KubeClient
  readonly state: ClusterState
  readonly judgements: Judgements
  readonly events: Pick<EventRecorder, 'record'>
  readonly metrics: Metrics
  readonly clock: Clock
  readonly log: Log
}
