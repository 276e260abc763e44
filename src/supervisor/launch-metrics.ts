import { IN_ALL, type LaunchRecord } from '../launch/record/launch-record.ts'
import { Metrics } from '../observability/metrics.ts'
import { VERSION } from '../runtime/version.ts'
import { writeOrSay, type Telling } from './session-teller.ts'

/** Counts launches in a file in the Prometheus text format, for node_exporter's textfile collector. */
export class LaunchMetrics {
  readonly #metrics = new Metrics({ version: VERSION, component: 'supervisor' })
  readonly #file: string
  readonly #telling: Pick<Telling, 'say' | 'pending'>

  constructor(file: string, telling: Pick<Telling, 'say' | 'pending'>) {
    this.#file = file
    this.#telling = telling
  }

  /** Counts an outcome of a launch; `isFirst`: it is the first one. */
  add(record: LaunchRecord, isFirst: boolean): void {
    const { say, pending } = this.#telling
    const total = record.steps.find(({ step }) => step === IN_ALL)
    this.#metrics.increment('cpufeatures_launch_outcomes_total', { outcome: record.outcome })
    if (isFirst && total !== undefined)
      this.#metrics.observe('cpufeatures_launch_served_seconds', {}, total.microseconds / 1e6)
    const written: Promise<void> = this.#metrics
      .expose()
      .then(({ text }) => {
        writeOrSay(this.#file, text, say)
      })
      .finally(() => pending.delete(written))
    pending.add(written)
  }
}
