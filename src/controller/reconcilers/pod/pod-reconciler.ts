import type { CpuFeatureProfileRevision } from '../../../api/cpu-feature-profile-revision.ts'
import { isApiError } from '../../../kube/api-error.ts'
import { objectKey } from '../../../kube/object-store.ts'
import type { ReconcileResult } from '../../../kube/run-workers.ts'
import { setCondition } from '../../../kube/set-condition.ts'
import type { MigrationSource } from '../../migration/decide-source.ts'
import { findSource } from '../../migration/find-source.ts'
import { migrationClaim } from '../../migration/migration-claim.ts'
import { ANY_CLASS, targetClasses, type TargetClasses } from '../../migration/target-classes.ts'
import { patchTested } from '../../patch-tested.ts'
import { gateIndex } from '../../../api/pod-pin.ts'
import { profileOf, type Pod } from '../../pod.ts'
import { NO_REVISION, REVISION_ANNOTATION } from '../../../api/names.ts'
import { profileOfRevision } from '../../../plan/revision-name.ts'
import { remembered } from '../../../plan/remembered.ts'
import { revisionFit, type RevisionFit } from '../../revision-fit.ts'
import { OwnWrites } from '../../own-writes.ts'
import { CLASSES_BURST_MS, type Enqueue, type Reconciler, type ReconcilerContext } from '../../reconciler.ts'
import { PODS } from '../../resources.ts'
import { decidePod, type PodDecision, type PodFacts } from './decide-pod.ts'
import { pinPatch, type Pin } from './pin-patch.ts'
import { podCondition, type PodCondition } from './pod-condition.ts'

const NO_VM: MigrationSource = {
  kind: 'unknown',
  why: 'its owner reference and its label kubevirt.io/created-by do not name the same VirtualMachineInstance',
}

/** How long until the source of a migration is looked for again. */
const SOURCE_AGAIN_MS = 10_000

/** Pins gated pods to their profile's revision and releases them, or says why they must wait. */
export class PodReconciler implements Reconciler {
  readonly name = 'pod'
  readonly concurrency = 8
  readonly #context: ReconcilerContext
  readonly #writes: OwnWrites<Pod>
  /** Where a revision fits; made anew when the classes change. */
  #fits: (revision: CpuFeatureProfileRevision) => RevisionFit

  constructor(context: ReconcilerContext) {
    this.#context = context
    this.#writes = new OwnWrites(context.state.pods)
    this.#fits = this.#fitsOfNow()
  }

  watch(enqueue: Enqueue): void {
    const { state } = this.#context
    state.pods.subscribe(({ kind, object }) => {
      if (kind !== 'delete') enqueue(objectKey(object.metadata))
    })
    const unboundOf = (profile: string) => {
      for (const pod of state.podsByProfile.of(profile))
        if (pod.spec.nodeName === undefined) enqueue(objectKey(pod.metadata))
    }
    state.profiles.subscribe(({ object }) => {
      unboundOf(object.metadata.name)
    })
    state.revisions.subscribe(({ object }) => {
      const profile = state.profiles
        .list()
        .find((one) => one.status?.currentRevision === object.metadata.name)
      if (profile !== undefined) unboundOf(profile.metadata.name)
    })
    state.onSettings(() => {
      for (const pod of state.pods.list()) if (gateIndex(pod) >= 0) enqueue(objectKey(pod.metadata))
    })
    state.onClasses(() => {
      this.#fits = this.#fitsOfNow()
      for (const pod of state.pods.list())
        if (pod.spec.nodeName === undefined && gateIndex(pod) < 0)
          enqueue(objectKey(pod.metadata), CLASSES_BURST_MS)
    })
  }

  async reconcile(key: string): Promise<ReconcileResult> {
    const pod = this.#pod(key)
    if (pod === undefined || this.#writes.isBehind(pod.metadata)) return undefined
    const source = await this.#source(pod)
    const decision = decidePod(this.#gather(pod, source))
    this.#count(decision.kind)
    if (decision.kind === 'pin') await this.#pin(pod, decision.revision, source)
    const condition = podCondition(decision)
    if (condition !== undefined) await this.#say(pod, condition)
    // The pods of its VM are not watched: they may have no profile. Nor is it told when a revision that is not current comes back.
    return source !== undefined && decision.kind !== 'pin' ? { requeueAfterMs: SOURCE_AGAIN_MS } : undefined
  }

  /** Where the VM of a gated migration target runs; undefined for any other pod. */
  async #source(pod: Pod): Promise<MigrationSource | undefined> {
    const claim = gateIndex(pod) < 0 ? undefined : migrationClaim(pod)
    return claim === 'unclear' ? NO_VM : claim && (await findSource(this.#context.client, pod, claim))
  }

  #gather(pod: Pod, source: MigrationSource | undefined): PodFacts {
    const { profiles, breakGlass } = this.#context.state
    const profile = profiles.get({ name: profileOf(pod) ?? '' })
    const current = profile?.status?.currentRevision
    const wanted = source?.kind === 'source' ? source.revision : current
    const canHold = wanted !== undefined && this.#holdable(wanted, source) !== undefined
    const pinned =
      pod.spec.nodeName === undefined ? pod.metadata.annotations?.[REVISION_ANNOTATION] : undefined
    return {
      pod,
      profile,
      source,
      canHold,
      breakGlass,
      fits: { pinned: this.#fit(pinned), current: this.#fit(current) },
    }
  }

  #fit(name: string | undefined): RevisionFit | undefined {
    const revision = name === undefined ? undefined : this.#context.state.revisions.get({ name })
    return revision === undefined ? undefined : this.#fits(revision)
  }

  #fitsOfNow(): (revision: CpuFeatureProfileRevision) => RevisionFit {
    const { state, judgements } = this.#context
    return remembered(({ metadata, spec }) => {
      const verdicts = state.classes
        .entries()
        .map(({ host }) => judgements.verdict(metadata.name, spec, host))
      return revisionFit(verdicts, state.classes.total)
    })
  }

  #count(decision: PodDecision['kind']): void {
    const { metrics } = this.#context
    if (decision === 'pin') metrics.increment('cpufeatures_pod_decisions_total', { decision: 'pinned' })
    if (decision === 'hold') metrics.increment('cpufeatures_pod_decisions_total', { decision: 'waiting' })
  }

  #pod(key: string): Pod | undefined {
    const [namespace = '', name = ''] = key.split('/')
    return this.#context.state.pods.get({ namespace, name })
  }

  /**
   * The revision to which a pod may be pinned: current, or that of its migration source, and holdable. A revision that is being deleted
   * accepts no new finalizer.
   */
  #holdable(name: string, source: MigrationSource | undefined): CpuFeatureProfileRevision | undefined {
    const { state } = this.#context
    const revision = state.revisions.get({ name })
    if (revision === undefined || (source === undefined && state.currents.isCurrent(name) !== true))
      return undefined
    return revision.metadata.deletionTimestamp === undefined || state.holds.isHeld(revision)
      ? revision
      : undefined
  }

  /** Holds the revision first, so that no pod is ever pinned to a revision that can be deleted. */
  async #pin(pod: Pod, name: string, source: MigrationSource | undefined): Promise<void> {
    const { client, state } = this.#context
    if (name === NO_REVISION) {
      await this.#release(pod, { revision: name, outOfReach: [] })
      return
    }
    const revision = this.#holdable(name, source)
    if (revision === undefined) return
    const { outOfReach, oneWay } = this.#targetClasses(revision, source)
    await state.users.whilePinning(name, async () => {
      await state.holds.hold(client, revision)
      await this.#release(pod, { revision: name, outOfReach })
    })
    if (oneWay.length > 0) this.#warnOfNoWayBack(pod, name, oneWay)
  }

  async #release(pod: Pod, pin: Pin): Promise<void> {
    const { client, log } = this.#context
    this.#writes.wrote(await patchTested(client, PODS, pod.metadata, { operations: pinPatch(pod, pin) }))
    const { namespace, name } = pod.metadata
    log.info({ namespace, pod: name, ...pin }, 'pod pinned and released')
  }

  /** Where the VM of a migration may go; a host class that is not known reaches all that fit. */
  #targetClasses(revision: CpuFeatureProfileRevision, source: MigrationSource | undefined): TargetClasses {
    const { state, judgements } = this.#context
    const report = source?.kind === 'source' ? state.classes.reportOf(source.node)?.state : undefined
    if (report?.kind !== 'host') return ANY_CLASS
    const profile = state.profiles.get({ name: profileOfRevision(revision.metadata.name) })
    const acceptsOneWay = profile?.spec.tolerate?.surplus === 'AcceptOneWay'
    const classes = state.classes.entries()
    return targetClasses(judgements, revision, { classes, from: report.host, acceptsOneWay })
  }

  #warnOfNoWayBack(pod: Pod, revision: string, classes: readonly string[]): void {
    const note =
      `from nodes of the host classes ${classes.join(', ')} the VM cannot move back: they have what its present node lacks, and the ` +
      `profile accepts that (tolerate.surplus). status.reach of the profile says what it is for revision ${revision}`
    this.#context.events.record(PODS, pod, { type: 'Warning', action: 'Pin', reason: 'NoWayBack', note })
  }

  /** Writes the pod's condition if it differs, and one Event with it. */
  async #say(pod: Pod, { condition, event }: PodCondition): Promise<void> {
    const { client, clock, events, log } = this.#context
    // The node-agent writes the other one.
    const before = pod.status?.conditions?.filter(({ type }) => type === condition.type) ?? []
    const conditions = setCondition(before, condition, clock.now())
    if (conditions === before) return
    const { name, namespace, uid } = pod.metadata
    try {
      const written = await client.applyServerSide(
        PODS,
        // With its uid, so that another pod of the same name does not get this state.
        { metadata: { name, namespace, uid }, status: { conditions: [...conditions] } },
        { fieldManager: client.fieldManager, force: true, subresource: 'status' },
      )
      this.#writes.wrote(written)
    } catch (error) {
      if (isApiError(error, 404)) return
      throw error
    }
    const { status, reason, message } = condition
    log.info({ namespace, pod: name, status, reason }, 'pod condition written')
    events.record(PODS, pod, { ...event, reason, note: message })
  }
}
