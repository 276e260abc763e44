import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'
import { METRIC_TABLE, type MetricDeclaration, type MetricName } from './metric-table.ts'

type NameOf<K extends MetricDeclaration['kind']> = {
  [N in MetricName]: (typeof METRIC_TABLE)[N]['kind'] extends K ? N : never
}[MetricName]
type LabelOf<N extends MetricName> = (typeof METRIC_TABLE)[N]['labels'][number]

/** The values of a metric's declared labels. */
export type LabelValues<N extends MetricName> = Readonly<Record<LabelOf<N>, string>>

/**
 * How often (ms) to look at the delay of the event loop. The reported delays include this time. Each look wakes the process: every 10 ms,
 * as is the default, was half of what an idle node-agent costs.
 */
const EVENT_LOOP_LOOK_MS = 100

/** The metrics of one process: those of the table that it touches, and Node's own. */
export class Metrics {
  readonly #registry = new Registry()
  readonly #made = new Map<MetricName, Counter | Gauge | Histogram>()

  constructor(build: LabelValues<'cpufeatures_build_info'>) {
    collectDefaultMetrics({ register: this.#registry, eventLoopMonitoringPrecision: EVENT_LOOP_LOOK_MS })
    this.set('cpufeatures_build_info', build, 1)
  }

  /** Adds to a counter. */
  increment<N extends NameOf<'counter'>>(name: N, labels: LabelValues<N>, by = 1): void {
    this.#metric(name, Counter).inc(labels, by)
  }

  /** Shows a counter as 0 before it counts: Prometheus sees no increase in a series that begins with 1. */
  begin<N extends NameOf<'counter'>>(name: N, labels: LabelValues<N>): void {
    this.increment(name, labels, 0)
  }

  set<N extends NameOf<'gauge'>>(name: N, labels: LabelValues<N>, value: number): void {
    this.#metric(name, Gauge).set(labels, value)
  }

  /** Observes a duration in seconds. */
  observe<N extends NameOf<'histogram'>>(name: N, labels: LabelValues<N>, seconds: number): void {
    this.#metric(name, Histogram).observe(labels, seconds)
  }

  /** All values in the Prometheus text format. */
  async expose(): Promise<{ readonly contentType: string; readonly text: string }> {
    return { contentType: this.#registry.contentType, text: await this.#registry.metrics() }
  }

  #metric<M extends Counter | Gauge | Histogram>(name: MetricName, Kind: new (options: never) => M): M {
    const known = this.#made.get(name)
    if (known instanceof Kind) return known
    const { help, labels, buckets }: MetricDeclaration = METRIC_TABLE[name]
    const shape = { name, help, labelNames: [...labels], registers: [this.#registry] }
    const metric = new Kind((buckets === undefined ? shape : { ...shape, buckets: [...buckets] }) as never)
    this.#made.set(name, metric)
    return metric
  }
}
