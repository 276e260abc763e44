import type { KubeClient } from '../kube/kube-client.ts'
import type { Logger } from '../observability/logger.ts'
import type { Metrics } from '../observability/metrics.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Part } from '../runtime/lifecycle.ts'

/** What every task of the node-agent may use. */
export type TaskContext = {
  readonly client: KubeClient
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Metrics
  readonly nodeName: string
}

/** A thing the node-agent does for as long as it runs. */
export type Task = {
  /** What keeps it from serving; nothing when it does. */
  readonly notReady: () => readonly string[]
} & Part
