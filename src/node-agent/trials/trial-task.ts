import { setImmediate } from 'node:timers/promises'
import type { CpuFeatureProfileRevision } from '../../api/cpu-feature-profile-revision.ts'
import type { HostDocument } from '../../api/host-document.ts'
import { REVISIONS } from '../../api/resources.ts'
import { Informer } from '../../kube/informer.ts'
import { runWorkers } from '../../kube/run-workers.ts'
import { WorkQueue } from '../../kube/work-queue.ts'
import { observeReconciles } from '../../observability/observe-reconciles.ts'
import type { Task, TaskContext } from '../task.ts'
import { plannedTrial } from './planned-trial.ts'
import { trialFindings, type TrialFindings, type TrialOutcome } from './trial-findings.ts'
import { tryPlan, type Tried } from './try-plan.ts'

/** How long to wait before looking again whether threads of VMMs are stopped. */
const BUSY_MS = 20

type Options = {
  /** Whether threads of VMMs are stopped, which a trial would keep waiting: some kernels take seconds to close a VM with EL2. */
  readonly isBusy: () => boolean
  /** Makes a trial; a test that has no KVM puts another one in its place. */
  readonly attempt?: typeof tryPlan
}

type Context = Pick<TaskContext, 'client' | 'clock' | 'log' | 'metrics'>

/**
 * Tries each live revision that this node should fit on a scratch VM, once: KVM's answers change only with a boot, and a boot also
 * restarts this process. It never touches the VM of anybody else. A trial that fails is not made again.
 */
export class TrialTask implements Task {
  readonly name = 'trials'
  readonly #context: Context
  readonly #queue: WorkQueue<string>
  readonly #informer: Informer<CpuFeatureProfileRevision>
  readonly #outcomes = new Map<string, TrialOutcome>()
  readonly #handlers = new Set<() => void>()
  readonly #tryPlan: typeof tryPlan
  readonly #isBusy: () => boolean
  readonly #stopped = new AbortController()
  #host: HostDocument | undefined
  #working: Promise<void> | undefined

  constructor(context: Context, { isBusy, attempt = tryPlan }: Options) {
    const { client, clock, log } = context
    this.#context = context
    this.#tryPlan = attempt
    this.#isBusy = isBusy
    this.#queue = new WorkQueue({ clock })
    this.#informer = new Informer({ client, clock, log, resource: REVISIONS })
  }

  /** Only while it has something to try: a refusal is a result. */
  notReady(): readonly string[] {
    const isWaiting = this.#host !== undefined && this.findings() === undefined
    return isWaiting ? ['not every live revision has been tried on a scratch VM yet'] : []
  }

  /** Called with what KVM of this node can show, once it is known. */
  probed(host: HostDocument): void {
    if (this.#host !== undefined) return
    this.#host = host
    for (const { metadata } of this.#informer.list()) this.#queue.add(metadata.name)
    this.#tell()
  }

  /** Calls back when {@link findings} may have changed. */
  onChange(handler: () => void): void {
    this.#handlers.add(handler)
  }

  /** What all trials came to; undefined while a live revision is still to be tried. */
  findings(): TrialFindings | undefined {
    if (this.#host === undefined || !this.#informer.hasSynced) return undefined
    const isTried = this.#informer.list().every(({ metadata }) => this.#outcomes.has(metadata.name))
    return isTried ? trialFindings(this.#outcomes) : undefined
  }

  start(): undefined {
    const { log, metrics } = this.#context
    this.#informer.subscribe(({ kind, object }) => {
      const { name } = object.metadata
      if (kind !== 'delete') this.#queue.add(name)
      else if (this.#outcomes.delete(name)) this.#tell()
    })
    this.#informer.start()
    void this.#informer.synced.then(() => {
      this.#tell()
    })
    this.#working = runWorkers(this.#queue, {
      // One at a time: each blocks for some milliseconds.
      concurrency: 1,
      reconcile: async (name) => {
        await this.#try(name)
        return undefined
      },
      log,
      observe: observeReconciles(metrics, this.name),
    })
    return undefined
  }

  async stop(): Promise<void> {
    this.#stopped.abort()
    await this.#informer.stop()
    await this.#queue.shutdown()
    await this.#working
  }

  #tell(): void {
    for (const handler of this.#handlers) handler()
  }

  async #try(name: string): Promise<void> {
    // Launches wait for this process too: they get a turn before each trial, and end what they have begun.
    const { signal } = this.#stopped
    await setImmediate()
    while (this.#isBusy() && !signal.aborted) await this.#context.clock.sleep(BUSY_MS, signal)
    if (signal.aborted) return
    const revision = this.#informer.get({ name })
    if (revision === undefined || this.#host === undefined || this.#outcomes.has(name)) return
    this.#outcomes.set(name, this.#outcomeOf(revision, this.#host))
    this.#tell()
  }

  #outcomeOf(revision: CpuFeatureProfileRevision, host: HostDocument): TrialOutcome {
    const { log } = this.#context
    const { name } = revision.metadata
    const planned = plannedTrial(revision, host)
    switch (planned.kind) {
      case 'unfit':
        return { kind: 'unfit' }
      case 'unreadable':
        log.warn(
          { revision: name, reasons: planned.reasons },
          'the revision cannot be read, and is not tried',
        )
        return { kind: 'unreadable' }
      case 'try':
        return this.#counted(name, this.#attempt(planned))
      default:
        return planned satisfies never
    }
  }

  /** A defect of ours is a trial that failed: it would fail again for as long as the agent runs. */
  #attempt(planned: Parameters<typeof tryPlan>[0]): Tried {
    try {
      return this.#tryPlan(planned)
    } catch (error) {
      this.#context.log.error({ err: error }, 'a trial has ended in an error')
      return { kind: 'failed', why: error instanceof Error ? error.message : String(error) }
    }
  }

  #counted(revision: string, tried: Tried): Tried {
    const { log, metrics } = this.#context
    metrics.increment('cpufeatures_revision_trials_total', { outcome: tried.kind })
    const told = { revision, ...tried }
    if (tried.kind === 'applied') log.info(told, 'KVM took the revision on a scratch VM')
    else log.warn(told, 'the revision was not applied on a scratch VM')
    return tried
  }
}
