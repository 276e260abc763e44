import { IN_ALL, type LaunchRecord } from '../launch/record/launch-record.ts'
import { LAUNCH_OUTCOMES } from '../launch/record/render-launch-record.ts'
import { Metrics } from '../observability/metrics.ts'
import { VERSION } from '../runtime/version.ts'
import { latestOnly } from './latest-only.ts'
import { writeOrSay, type Telling } from './session-teller.ts'

/** Counts launches in a file in the Prometheus text format, for node_exporter's textfile collector. */
export class LaunchMetrics {
  readonly #metrics = new Metrics({ version: VERSION, component: 'supervisor' })
  readonly #write: (metrics: Metrics) => void

  constructor(file: string, { say, pending }: Pick<Telling, 'say' | 'pending'>) {
    for (const outcome of Object.keys(LAUNCH_OUTCOMES))
      this.#metrics.begin('cpufeatures_launch_outcomes_total', { outcome })
    this.#write = latestOnly(async (metrics: Metrics) => {
      const { text } = await metrics.expose()
      writeOrSay(file, text, say)
    }, pending)
  }

  /** Counts an outcome of a launch; `isFirst`: it is the first one. */
  add(record: LaunchRecord, isFirst: boolean): void {
    const total = record.steps.find(({ step }) => step === IN_ALL)
    this.#metrics.increment('cpufeatures_launch_outcomes_total', { outcome: record.outcome })
    if (isFirst && total !== undefined)
      this.#metrics.observe('cpufeatures_launch_served_seconds', {}, total.microseconds / 1e6)
    this.#write(this.#metrics)
  }
}
