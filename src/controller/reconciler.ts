import type { EventRecorder } from '../kube/event-recorder.ts'
import type { KubeClient } from '../kube/kube-client.ts'
import type { Log } from '../kube/log.ts'
import type { ReconcileResult } from '../kube/run-workers.ts'
import type { Metrics } from '../observability/metrics.ts'
import type { Clock } from '../runtime/clock.ts'
import type { ClusterState } from './cluster-state.ts'
import type { Judgements } from './judgements.ts'

/** Adds a key to the reconciler's queue: at once, or after `afterMs`, so that a burst counts once. */
export type Enqueue = (key: string, afterMs?: number) => void

/** When a fleet starts, reports arrive in a burst: what depends on the host classes is looked at once for all of them. */
export const CLASSES_BURST_MS = 200

/** Brings one kind of object to its desired state. Level-based: it acts on the present state, not on events. */
export type Reconciler = {
  readonly name: string
  /** How many keys it works on at once. */
  readonly concurrency: number
  /** Subscribes to everything on which its result depends. */
  watch(enqueue: Enqueue): void
  /** Throws in order to be called again after a back-off. */
  reconcile(key: string): Promise<ReconcileResult>
}

/** What every reconciler gets. */
export type ReconcilerContext = {
  readonly client: KubeClient
  readonly state: ClusterState
  readonly judgements: Judgements
  readonly events: Pick<EventRecorder, 'record'>
  readonly metrics: Metrics
  readonly clock: Clock
  readonly log: Log
}
