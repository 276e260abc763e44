import type { NodeCpuFeatures, NodeCpuFeaturesStatus, RefusedRevision } from '../../api/node-cpu-features.ts'
import { TRIAL_REASONS } from '../../catalogue/condition-reasons.ts'
import { probeHostInTurns } from '../../discovery/probe-host.ts'
import type { ProbeResult } from '../../discovery/probe-result.ts'
import { getIfThere } from '../../kube/get-if-there.ts'
import { Informer } from '../../kube/informer.ts'
import { runWorkers, type ReconcileResult } from '../../kube/run-workers.ts'
import { WorkQueue } from '../../kube/work-queue.ts'
import { REPORTS } from '../../api/resources.ts'
import { observeReconciles } from '../../observability/observe-reconciles.ts'
import type { Task, TaskContext } from '../task.ts'
import { newRefusals } from '../trials/new-refusals.ts'
import { refusedText } from '../trials/trials-condition.ts'
import type { TrialTask } from '../trials/trial-task.ts'
import { readServingFacts } from './read-serving-facts.ts'
import { servingCondition } from './serving-condition.ts'
import { nodeReportStatus } from './node-report-status.ts'
import { publishReport } from './publish-report.ts'

/**
 * A probe with its trials takes seconds, and over a minute on a slow node while its pods start. If it were cut off it would begin anew
 * for ever.
 */
const PROBE_SECONDS = 900

/** How often to look whether the other tasks serve. */
const LOOK_MS = 2_000

/** How long to wait before looking again for a missing KVM, which may appear later (a module, a device file). */
const PROBE_AGAIN_MS = 60_000

type OtherTask = Pick<Task, 'notReady' | 'standsBy'>

/** Whose results the report has. */
export type ReportedTasks = {
  /** Those that apply profiles; without any the report says nothing of that. */
  readonly applying: readonly OtherTask[]
  readonly trials: Pick<TrialTask, 'probed' | 'findings' | 'onChange'>
}

/**
 * Keeps the NodeCpuFeatures of this node up to date. It asks KVM once, trials included, because KVM's answers change only with a boot, and
 * a boot also restarts this process. Afterwards it corrects every change that anyone makes to the report; it does not write a correct one.
 */
export class ReportTask implements Task {
  readonly name = 'report'
  readonly #context: TaskContext
  readonly #queue: WorkQueue<'report'>
  readonly #informer: Informer<NodeCpuFeatures>
  readonly #otherTasks: readonly OtherTask[]
  readonly #trials: ReportedTasks['trials']
  #probed: ProbeResult | undefined
  #serving: ReturnType<typeof servingCondition> | undefined
  #looking: NodeJS.Timeout | undefined
  #published = false
  #working: Promise<void> | undefined

  constructor(context: TaskContext, { applying, trials }: ReportedTasks) {
    const { client, clock, log, nodeName } = context
    this.#context = context
    this.#otherTasks = applying
    this.#trials = trials
    this.#queue = new WorkQueue({ clock })
    this.#informer = new Informer({
      ...{ client, clock, log, resource: REPORTS },
      fieldSelector: `metadata.name=${nodeName}`,
    })
  }

  notReady(): readonly string[] {
    return this.#published ? [] : ['the report of this node is not published yet']
  }

  start(): undefined {
    const { log, metrics } = this.#context
    this.#informer.subscribe(() => {
      this.#queue.add('report')
    })
    this.#trials.onChange(() => {
      if (this.#trials.findings() !== undefined) this.#queue.add('report')
    })
    this.#informer.start()
    this.#queue.add('report')
    if (this.#otherTasks.length > 0) {
      this.#looking = setInterval(() => {
        this.#look()
      }, LOOK_MS)
    }
    this.#working = runWorkers(this.#queue, {
      concurrency: 1,
      timeoutSeconds: PROBE_SECONDS,
      reconcile: (_key, signal) => this.#reconcile(signal),
      log,
      observe: observeReconciles(metrics, 'report'),
    })
    return undefined
  }

  /** The report follows what the other tasks say. */
  #look(): void {
    const now = servingCondition(readServingFacts(this.#otherTasks.flatMap((task) => task.notReady())))
    if (JSON.stringify(now) === JSON.stringify(this.#serving)) return
    this.#serving = now
    this.#queue.add('report')
  }

  async stop(): Promise<void> {
    clearInterval(this.#looking)
    await this.#informer.stop()
    await this.#queue.shutdown()
    await this.#working
  }

  async #reconcile(signal: AbortSignal): Promise<ReconcileResult> {
    const { client, clock, log, metrics, nodeName } = this.#context
    const result = await this.#probe(signal)
    // Two agents that each put the report right would write in turns, for as long as there are two.
    if (this.#otherTasks.some((task) => task.standsBy?.() === true)) return undefined
    const report = { result, serving: this.#serving, trials: this.#trials.findings() }
    let before: NodeCpuFeaturesStatus | undefined
    const published = await publishReport(client, {
      nodeName,
      signal,
      status: (previous) => {
        before = previous
        return nodeReportStatus(report, previous, new Date(clock.now()))
      },
    })
    this.#published = true
    await this.#tellRefusals(newRefusals(report.trials, before), signal)
    metrics.increment('cpufeatures_report_writes_total', { result: published })
    if (published !== 'unchanged') log.info({ nodeName, published, probe: result.kind }, 'report published')
    return result.kind === 'probed' ? undefined : { requeueAfterMs: PROBE_AGAIN_MS }
  }

  /** An Event about the report for each refusal that it did not have before. */
  async #tellRefusals(refusals: readonly RefusedRevision[], signal: AbortSignal): Promise<void> {
    const { client, events, nodeName } = this.#context
    if (refusals.length === 0) return
    const [reason] = TRIAL_REASONS.refused
    const report = await getIfThere(client, REPORTS, { name: nodeName }, signal)
    if (report === undefined) return
    for (const refused of refusals)
      events.record(REPORTS, report, { type: 'Warning', reason, action: 'Try', note: refusedText(refused) })
  }

  async #probe(signal: AbortSignal): Promise<ProbeResult> {
    if (this.#probed?.kind === 'probed') return this.#probed
    const { clock, log, metrics } = this.#context
    const startedAt = clock.monotonic()
    const result = await probeHostInTurns({ trials: true }, signal)
    metrics.observe('cpufeatures_probe_duration_seconds', {}, (clock.monotonic() - startedAt) / 1000)
    metrics.increment('cpufeatures_probe_runs_total', { outcome: result.kind })
    if (result.kind !== 'probed') log.warn({ ...result }, 'this node has no KVM that profiles can use')
    this.#probed = result
    if (result.kind === 'probed') this.#trials.probed(result.host)
    return result
  }
}
