import type { EventRecorder } from '../kube/event-recorder.ts'
import type { KubeClient } from '../kube/kube-client.ts'
import type { Logger } from '../observability/logger.ts'
import type { Metrics } from '../observability/metrics.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Part } from '../runtime/lifecycle.ts'

/** What every task of the node-agent may use. */
export type TaskContext = {
  readonly client: KubeClient
  readonly clock: Clock
  readonly events: EventRecorder
  readonly log: Logger
  readonly metrics: Metrics
  readonly nodeName: string
}

/** A task that runs as long as the node-agent does. */
export type Task = {
  /** Why it is not ready; empty if it is. */
  readonly notReady: () => readonly string[]
  /** Whether another agent of this node does its work: what this one says of the node is not the truth. */
  readonly standsBy?: () => boolean
  /** Whether a thread of a VMM is stopped at the moment, and waits for this process. */
  readonly holdsThreads?: () => boolean
} & Part
