import { APPLIED_ANNOTATION } from '../../api/names.ts'
import { getIfThere } from '../../kube/get-if-there.ts'
import { runWorkers, type ReconcileResult } from '../../kube/run-workers.ts'
import { setCondition } from '../../kube/set-condition.ts'
import { WorkQueue } from '../../kube/work-queue.ts'
import { PODS, type Pod } from '../resources.ts'
import { observeReconciles } from '../../observability/observe-reconciles.ts'
import type { TaskContext } from '../task.ts'
import { appliedCondition, mostUrgent, type AppliedCondition } from './applied-condition.ts'
import { appliedProof } from './applied-proof.ts'
import type { ContainerIdentity } from './container-identity.ts'
import type { ContainerListener } from './container-listener.ts'
import type { ContainerNews } from './container-news.ts'
import { isOfStaticPod, staticPodEvent } from './static-pod.ts'

/** The last news of a listener. */
type ListenerNews = { readonly news: ContainerNews; readonly hasEnded: boolean }

/** A pod of which there are news, by the listeners of its containers. */
type PodNews = {
  readonly pod: ContainerIdentity['pod']
  readonly told: Map<ContainerListener, ListenerNews>
}

/** Writes the condition Applied and the proof of each pod whose VM was launched, and again until the API server has taken them. */
export class AppliedReports {
  readonly #context: TaskContext
  readonly #queue: WorkQueue<string>
  readonly #pods = new Map<string, PodNews>()
  #working: Promise<void> | undefined

  constructor(context: TaskContext) {
    this.#context = context
    this.#queue = new WorkQueue({ clock: context.clock })
  }

  start(): void {
    const { log, metrics } = this.#context
    this.#working = runWorkers(this.#queue, {
      concurrency: 2,
      reconcile: (uid, signal) => this.#report(uid, signal),
      log,
      observe: observeReconciles(metrics, 'applied'),
    })
  }

  async stop(): Promise<void> {
    await this.#queue.shutdown()
    await this.#working
  }

  tell(listener: ContainerListener, news: ContainerNews): void {
    const { pod } = listener.container
    const known = this.#pods.get(pod.uid) ?? { pod, told: new Map<ContainerListener, ListenerNews>() }
    known.told.set(listener, { news, hasEnded: false })
    this.#pods.set(pod.uid, known)
    this.#queue.add(pod.uid)
  }

  /** No more news come of a listener. What it told is forgotten once it is written. */
  end(listener: ContainerListener): void {
    const { uid } = listener.container.pod
    const told = this.#pods.get(uid)?.told
    const last = told?.get(listener)
    if (told === undefined || last === undefined) return
    told.set(listener, { ...last, hasEnded: true })
    this.#queue.add(uid)
  }

  async #report(uid: string, signal: AbortSignal): Promise<ReconcileResult> {
    const known = this.#pods.get(uid)
    if (known === undefined) return undefined
    const told = [...known.told]
    await this.#write(known.pod, told, signal)
    const over = told.filter(
      ([listener, written]) => written.hasEnded && known.told.get(listener) === written,
    )
    for (const [listener] of over) known.told.delete(listener)
    if (known.told.size === 0) this.#pods.delete(uid)
    // What is left may say otherwise: a process that was executed in the container is no more, and its VM runs.
    else if (over.length > 0) this.#queue.add(uid)
    return undefined
  }

  async #write(
    ref: ContainerIdentity['pod'],
    told: readonly (readonly [ContainerListener, ListenerNews])[],
    signal: AbortSignal,
  ): Promise<void> {
    if (told.some(([, { news }]) => isOfStaticPod(ref, news))) {
      this.#tellOfStaticPod(ref, told)
      return
    }
    const conditions = told.map(([{ container }, { news }]) => appliedCondition(container.name, news))
    const condition = mostUrgent(conditions.filter((one) => one !== undefined))
    if (condition === undefined) return
    const pod = await this.#pod(ref, signal)
    if (pod === undefined) return
    await this.#writeProof(pod, told, signal)
    await this.#writeCondition(pod, condition, signal)
  }

  /** `kubectl describe` asks for the Events of a mirror pod by the UID that its kubelet knows, which the runtime tells us too. */
  #tellOfStaticPod(
    ref: ContainerIdentity['pod'],
    told: readonly (readonly [ContainerListener, ListenerNews])[],
  ): void {
    for (const [{ container }, { news }] of told) {
      const event = staticPodEvent(container.name, news)
      if (event !== undefined)
        this.#context.events.record(PODS, { metadata: { ...ref } }, { ...event, action: 'Launch' })
    }
  }

  /** Undefined if there is none any more, or another of its name. */
  async #pod(
    { namespace, name, uid }: ContainerIdentity['pod'],
    signal: AbortSignal,
  ): Promise<Pod | undefined> {
    const pod = await getIfThere(this.#context.client, PODS, { namespace, name }, signal)
    return pod?.metadata.uid === uid ? pod : undefined
  }

  async #writeProof(
    { metadata }: Pod,
    told: readonly (readonly [ContainerListener, ListenerNews])[],
    signal: AbortSignal,
  ): Promise<void> {
    const proofs = told.flatMap(([{ container }, { news }]) =>
      news.kind === 'launch' && news.record.ran !== undefined
        ? [appliedProof(container.name, news.revision, news.record)]
        : [],
    )
    const text = JSON.stringify(proofs.at(-1))
    if (proofs.length === 0 || metadata.annotations?.[APPLIED_ANNOTATION] === text) return
    const { namespace, name, uid } = metadata
    // With its uid, so that another pod of the same name does not get it.
    const patch = { metadata: { uid, annotations: { [APPLIED_ANNOTATION]: text } } }
    await this.#context.client.patchMerge(PODS, { namespace, name }, patch, { signal })
  }

  async #writeCondition(pod: Pod, condition: AppliedCondition, signal: AbortSignal): Promise<void> {
    const { client, clock, events, log } = this.#context
    const before = pod.status?.conditions?.filter(({ type }) => type === condition.type) ?? []
    const conditions = setCondition(before, condition, clock.now())
    if (conditions === before) return
    const { namespace, name, uid } = pod.metadata
    await client.applyServerSide(
      PODS,
      { metadata: { name, namespace, uid }, status: { conditions: [...conditions] } },
      { fieldManager: client.fieldManager, force: true, subresource: 'status', signal },
    )
    const { status, reason, message } = condition
    log.info({ namespace, pod: name, status, reason }, 'pod condition written')
    const type = status === 'True' ? 'Normal' : 'Warning'
    events.record(PODS, pod, { type, reason, action: 'Launch', note: message })
  }
}
