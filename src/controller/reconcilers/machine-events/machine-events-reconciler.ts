import type { OwnerReference } from '../../../api/object-meta.ts'
import type { KubeObject } from '../../../kube/kube-object.ts'
import { objectKey } from '../../../kube/object-store.ts'
import type { Resource } from '../../../kube/resource.ts'
import type { ReconcileResult } from '../../../kube/run-workers.ts'
import type { Pod } from '../../pod.ts'
import type { Enqueue, Reconciler, ReconcilerContext } from '../../reconciler.ts'
import { kubevirtOwner } from '../../kubevirt-owner.ts'
import { readPlatformObject, VMIS } from '../../migration/platform-objects.ts'
import { machineFacts, type MachineFact } from './machine-facts.ts'

/**
 * API servers keep Events for an hour by default, and an Event that is still there is not written twice. What is older when this process
 * first sees it was told by the leader before.
 */
const SURELY_KEPT_MS = 50 * 60_000

/** Tells KubeVirt's users why a VM of theirs does not start or lacks its profile: they look at the VM, and never at its pod. */
export class MachineEventsReconciler implements Reconciler {
  readonly name = 'machine-events'
  readonly concurrency = 2
  readonly #context: ReconcilerContext
  /** The facts of each pod that were told, or were when the pod was first seen. */
  readonly #told = new Map<string, ReadonlySet<string>>()
  #saidForbidden = false

  constructor(context: ReconcilerContext) {
    this.#context = context
  }

  watch(enqueue: Enqueue): void {
    this.#context.state.pods.subscribe(({ kind, object }) => {
      const key = objectKey(object.metadata)
      if (kind === 'delete') this.#told.delete(key)
      else if (kubevirtOwner(object.metadata.ownerReferences, 'VirtualMachineInstance') !== undefined)
        enqueue(key)
    })
  }

  async reconcile(key: string): Promise<ReconcileResult> {
    const [namespace = '', name = ''] = key.split('/')
    const pod = this.#context.state.pods.get({ namespace, name })
    const instance = kubevirtOwner(pod?.metadata.ownerReferences, 'VirtualMachineInstance')
    if (pod === undefined || instance === undefined) return undefined
    const facts = machineFacts(pod)
    const told = this.#told.get(key) ?? this.#toldBefore(facts)
    const news = facts.filter(({ id }) => !told.has(id))
    for (const fact of news) this.#tell(instance, pod, fact)
    if (news.length > 0) await this.#tellMachine(instance, pod, news)
    // It may have gone meanwhile.
    if (this.#context.state.pods.get({ namespace, name }) !== undefined)
      this.#told.set(key, new Set(facts.map(({ id }) => id)))
    return undefined
  }

  #toldBefore(facts: readonly MachineFact[]): ReadonlySet<string> {
    const nowMs = this.#context.clock.now()
    return new Set(facts.filter(({ sinceMs }) => nowMs - sinceMs > SURELY_KEPT_MS).map(({ id }) => id))
  }

  async #tellMachine(instance: OwnerReference, pod: Pod, news: readonly MachineFact[]): Promise<void> {
    const machine = await this.#machineOf(instance, pod.metadata.namespace)
    if (machine !== undefined) for (const fact of news) this.#tell(machine, pod, fact)
  }

  #tell(owner: OwnerReference, pod: Pod, { id, reason, action, note }: MachineFact): void {
    const { name, uid } = owner
    const metadata = { name, uid, namespace: pod.metadata.namespace }
    this.#context.events.record(
      resourceOf(owner),
      { metadata },
      { type: 'Warning', reason, action, note, id },
    )
  }

  /** The VirtualMachine of an instance. Undefined if there is none, or if we may not read the instance: overlays/kubevirt grants that. */
  async #machineOf(
    instance: OwnerReference,
    namespace: string | undefined,
  ): Promise<OwnerReference | undefined> {
    const { client, log } = this.#context
    const vmi = await readPlatformObject(client, VMIS, { namespace, name: instance.name })
    if (vmi === 'forbidden' && !this.#saidForbidden) {
      this.#saidForbidden = true
      log.info(
        {},
        'VirtualMachineInstances cannot be read, so VirtualMachines get no Events: apply overlays/kubevirt to change that',
      )
    }
    return typeof vmi === 'object' && vmi.metadata.uid === instance.uid
      ? kubevirtOwner(vmi.metadata.ownerReferences, 'VirtualMachine')
      : undefined
  }
}

/** KubeVirt's plurals are its kinds in lower case with an s. */
const resourceOf = ({ apiVersion, kind }: OwnerReference): Resource<KubeObject> => ({
  apiVersion,
  kind,
  plural: `${kind.toLowerCase()}s`,
  namespaced: true,
})
