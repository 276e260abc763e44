import type { CpuFeatureProfileRevision } from '../../../api/cpu-feature-profile-revision.ts'
import { isApiError } from '../../../kube/api-error.ts'
import { objectKey } from '../../../kube/object-store.ts'
import type { ReconcileResult } from '../../../kube/run-workers.ts'
import { setCondition } from '../../../kube/set-condition.ts'
import { patchTested } from '../../patch-tested.ts'
import { gateIndex } from '../../../api/pod-pin.ts'
import { profileOf, type Pod } from '../../pod.ts'
import { REVISION_ANNOTATION } from '../../../api/names.ts'
import { remembered } from '../../../plan/remembered.ts'
import { revisionFit, type RevisionFit } from '../../revision-fit.ts'
import { OwnWrites } from '../../own-writes.ts'
import { CLASSES_BURST_MS, type Enqueue, type Reconciler, type ReconcilerContext } from '../../reconciler.ts'
import { PODS } from '../../resources.ts'
import { decidePod, type PodDecision, type PodFacts } from './decide-pod.ts'
import { pinPatch } from './pin-patch.ts'
import { podCondition, type PodCondition } from './pod-condition.ts'

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
      for (const pod of state.pods.list())
        if (profileOf(pod) === profile && pod.spec.nodeName === undefined) enqueue(objectKey(pod.metadata))
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
    const decision = decidePod(this.#gather(pod))
    this.#count(decision.kind)
    if (decision.kind === 'pin') await this.#pin(pod, decision.revision)
    const condition = podCondition(decision)
    if (condition !== undefined) await this.#say(pod, condition)
    return undefined
  }

  #gather(pod: Pod): PodFacts {
    const { profiles, breakGlass } = this.#context.state
    const profile = profiles.get({ name: profileOf(pod) ?? '' })
    const current = profile?.status?.currentRevision
    const canHold = current !== undefined && this.#holdable(current) !== undefined
    const pinned =
      pod.spec.nodeName === undefined ? pod.metadata.annotations?.[REVISION_ANNOTATION] : undefined
    return {
      pod,
      profile,
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

  /** The revision to which a pod may be pinned: current, and holdable. A revision that is being deleted accepts no new finalizer. */
  #holdable(name: string): CpuFeatureProfileRevision | undefined {
    const { state } = this.#context
    const revision = state.revisions.get({ name })
    if (revision === undefined || state.currents.isCurrent(name) !== true) return undefined
    return revision.metadata.deletionTimestamp === undefined || state.holds.isHeld(revision)
      ? revision
      : undefined
  }

  /** Holds the revision first, so that no pod is ever pinned to a revision that can be deleted. */
  async #pin(pod: Pod, name: string): Promise<void> {
    const { client, state, log } = this.#context
    const revision = this.#holdable(name)
    if (revision === undefined) return
    await state.users.whilePinning(name, async () => {
      await state.holds.hold(client, revision)
      this.#writes.wrote(await patchTested(client, PODS, pod.metadata, { operations: pinPatch(pod, name) }))
    })
    const { namespace } = pod.metadata
    log.info({ namespace, pod: pod.metadata.name, revision: name }, 'pod pinned and released')
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
