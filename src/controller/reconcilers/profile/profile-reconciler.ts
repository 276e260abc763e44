import type { Condition } from '../../../api/condition.ts'
import type { CpuFeatureProfileBaseline } from '../../../api/cpu-feature-profile-baseline.ts'
import type {
  Baseline,
  CpuFeatureProfile,
  CpuFeatureProfileStatus,
} from '../../../api/cpu-feature-profile.ts'
import { PROFILE_LABEL } from '../../../api/names.ts'
import { setCondition } from '../../../kube/set-condition.ts'
import { unchanged } from '../../../kube/unchanged.ts'
import type { ReconcileResult } from '../../../kube/run-workers.ts'
import { profileOfRevision } from '../../../plan/revision-name.ts'
import { OwnWrites } from '../../own-writes.ts'
import { CLASSES_BURST_MS, type Enqueue, type Reconciler, type ReconcilerContext } from '../../reconciler.ts'
import { BASELINES, PROFILES, REVISIONS } from '../../../api/resources.ts'
import { decideProfile, type ProfileDecision } from './decide-profile.ts'
import { gatherProfile } from './gather-profile.ts'
import { keepBaseline } from './keep-baseline.ts'
import { profileEvent, strandedEvent } from './profile-event.ts'
import { summaryConditions } from './summary-conditions.ts'

/** When a node is drained or a fleet starts, pods come and go in a burst: what depends on them is looked at once a second. */
const VMS_BURST_MS = 1000

/** Compiles profiles: makes a revision object from spec and classes, and writes the result to the status. */
export class ProfileReconciler implements Reconciler {
  readonly name = 'profile'
  readonly concurrency = 1
  readonly #context: ReconcilerContext
  readonly #writes: OwnWrites<CpuFeatureProfile>
  readonly #baselineWrites: OwnWrites<CpuFeatureProfileBaseline>

  constructor(context: ReconcilerContext) {
    this.#context = context
    this.#writes = new OwnWrites(context.state.profiles)
    this.#baselineWrites = new OwnWrites(context.state.baselines)
  }

  watch(enqueue: Enqueue): void {
    const { state } = this.#context
    state.profiles.subscribe(({ object }) => {
      enqueue(object.metadata.name)
    })
    state.onClasses(() => {
      for (const profile of state.profiles.list()) enqueue(profile.metadata.name, CLASSES_BURST_MS)
    })
    // Of our own writes, and of those of a restore.
    state.baselines.subscribe(({ object }) => {
      enqueue(object.metadata.name)
    })
    // Counts the VMs that can go nowhere.
    state.onUse(({ revisions }) => {
      for (const profile of new Set(revisions.map(profileOfRevision))) enqueue(profile, VMS_BURST_MS)
    })
    // Restores a current revision that someone has deleted.
    state.revisions.subscribe(({ kind, object }) => {
      const profile = object.metadata.labels?.[PROFILE_LABEL]
      if (kind === 'delete' && profile !== undefined) enqueue(profile)
    })
  }

  async reconcile(key: string): Promise<ReconcileResult> {
    const profile = this.#context.state.profiles.get({ name: key })
    if (profile === undefined || profile.metadata.deletionTimestamp !== undefined) return undefined
    // A baseline is state. An older one could make us take it twice.
    if (this.#writes.isBehind(profile.metadata) || this.#baselineWrites.isBehind({ name: key }))
      return undefined
    const { facts, changesInMs } = gatherProfile(this.#context, profile)
    const decision = decideProfile(facts)
    // First, because it fails if a baseline was restored that we have not seen yet. Then nothing must be done by another one.
    await this.#keepBaseline(key, decision.status.baseline)
    this.#context.state.currents.set(key, decision.revision?.name)
    await this.#applyRevision(key, decision.revision)
    await this.#writeStatus(profile, decision)
    return changesInMs === undefined ? undefined : { requeueAfterMs: changesInMs }
  }

  /** Rejects with a conflict if the stored baseline is another than the one that we saw; the watch then shows it. */
  async #keepBaseline(profile: string, baseline: Baseline | undefined): Promise<void> {
    const { state, client, log } = this.#context
    const write = keepBaseline(profile, state.baselines.get({ name: profile }), baseline)
    if (write.kind === 'nothing') return
    this.#baselineWrites.wrote(await client[write.kind](BASELINES, write.object))
    log.info({ profile, generation: write.object.spec.generation, action: write.kind }, 'baseline kept')
  }

  async #applyRevision(profile: string, revision: ProfileDecision['revision']): Promise<void> {
    const { state, client, log } = this.#context
    if (revision === undefined || state.revisions.get({ name: revision.name }) !== undefined) return
    await client.create(REVISIONS, {
      apiVersion: REVISIONS.apiVersion,
      kind: 'CpuFeatureProfileRevision',
      metadata: { name: revision.name, labels: { [PROFILE_LABEL]: profile } },
      spec: revision.plan,
    })
    log.info({ profile, revision: revision.name }, 'revision created')
  }

  async #writeStatus(profile: CpuFeatureProfile, decision: ProfileDecision): Promise<void> {
    const { client, clock, events, log } = this.#context
    const { name, generation, resourceVersion } = profile.metadata
    const observedGeneration = generation ?? 0
    const status: CpuFeatureProfileStatus = {
      observedGeneration,
      ...decision.status,
      conditions: [...decision.conditions, ...summaryConditions(decision.conditions)].reduce<Condition[]>(
        (list, one) => [...setCondition(list, { ...one, observedGeneration }, clock.now())],
        profile.status?.conditions ?? [],
      ),
    }
    if (unchanged(status, profile.status)) return
    // With its resourceVersion: a status computed from a profile that has changed since is refused.
    const written = await client.applyServerSide(
      PROFILES,
      { metadata: { name, resourceVersion }, status },
      { fieldManager: client.fieldManager, force: true, subresource: 'status' },
    )
    this.#writes.wrote(written)
    log.info(
      { profile: name, revision: status.currentRevision, nodes: status.nodes?.summary },
      'status written',
    )
    for (const event of [profileEvent(profile.status, decision), strandedEvent(profile.status, decision)])
      if (event !== undefined) events.record(PROFILES, profile, event)
  }
}
