import { profileProblemText } from '../../catalogue/profile-problems.ts'
import type { ObjectRef } from '../../kube/kube-object.ts'
import { runWorkers, type ReconcileResult } from '../../kube/run-workers.ts'
import { WorkQueue } from '../../kube/work-queue.ts'
import { observeReconciles } from '../../observability/observe-reconciles.ts'
import type { Task, TaskContext } from '../task.ts'
import { CONTAINER_PROFILES } from './container-profiles.ts'
import { keepProfiles, type KeptProfile, type ProfilePlaces } from './keep-profiles.ts'
import { PODS } from '../resources.ts'

/** How often to look again: KubeVirt may come, or change its filter. */
const LOOK_AGAIN_MS = 60_000
/** How often to look while something is missing: a reference container may be about to start. */
const LOOK_SOON_MS = 2_000

/** The pod of the node-agent by name, and the places of the node. */
export type ProfilesTaskOptions = Omit<ProfilePlaces, 'pod'> & { readonly pod: ObjectRef }

/**
 * Keeps the seccomp profiles of VM containers on this node: what the runtime would apply, plus notifications.
 */
export class ProfilesTask implements Task {
  readonly name = 'seccomp profiles'
  readonly #context: TaskContext
  readonly #options: ProfilesTaskOptions
  readonly #queue: WorkQueue<'profiles'>
  #problems: readonly string[] = ['the seccomp profiles of VM containers are not installed yet']
  #working: Promise<void> | undefined

  constructor(context: TaskContext, options: ProfilesTaskOptions) {
    this.#context = context
    this.#options = options
    this.#queue = new WorkQueue({ clock: context.clock })
  }

  notReady(): readonly string[] {
    return this.#problems
  }

  start(): undefined {
    const { log, metrics } = this.#context
    this.#queue.add('profiles')
    this.#working = runWorkers(this.#queue, {
      concurrency: 1,
      reconcile: (_key, signal) => this.#reconcile(signal),
      log,
      observe: observeReconciles(metrics, 'profiles'),
    })
    return undefined
  }

  async stop(): Promise<void> {
    await this.#queue.shutdown()
    await this.#working
  }

  async #reconcile(signal: AbortSignal): Promise<ReconcileResult> {
    const { pod: ref, ...places } = this.#options
    const pod = await this.#context.client.get(PODS, ref, { signal })
    const kept = await keepProfiles({ ...places, pod })
    this.#tell(kept)
    return { requeueAfterMs: this.#problems.length > 0 ? LOOK_SOON_MS : LOOK_AGAIN_MS }
  }

  #tell(kept: readonly KeptProfile[]): void {
    const { log, metrics } = this.#context
    const problems = kept.flatMap((one) => (one.kind === 'problem' ? [profileProblemText(one.problem)] : []))
    for (const problem of problems) if (!this.#problems.includes(problem)) log.warn({ problem }, problem)
    this.#problems = problems
    const count = (kind: KeptProfile['kind']): number => kept.filter((one) => one.kind === kind).length
    const written = count('written')
    if (written > 0) log.info({ written, of: CONTAINER_PROFILES.length }, 'seccomp profiles written')
    metrics.increment('cpufeatures_seccomp_profile_writes_total', {}, written)
    metrics.set('cpufeatures_seccomp_profiles', { state: 'installed' }, written + count('unchanged'))
    metrics.set('cpufeatures_seccomp_profiles', { state: 'problem' }, count('problem'))
  }
}
