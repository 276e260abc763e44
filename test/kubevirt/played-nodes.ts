import { createKubeClient } from '../../src/kube/create-kube-client.ts'
import { isApiError } from '../../src/kube/api-error.ts'
import type { KubeClient } from '../../src/kube/kube-client.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import type { ControlPlaneAccess } from '../harness/control-plane-access.ts'
import { notice } from '../harness/progress.ts'
import {
  leftPod,
  nextInstance,
  nextPodStatus,
  PLAYED_INSTANCES,
  PLAYED_NODES,
  PLAYED_PODS,
  type PlayedInstance,
  type PlayedPod,
} from './played-objects.ts'

/** virt-controller takes a node whose virt-handler was silent for five minutes off its list. */
const HEARTBEAT_MS = 60_000

/** What a node with virt-handler offers to the pods of VMs. */
const DEVICES = {
  'devices.kubevirt.io/kvm': '1000',
  'devices.kubevirt.io/tun': '1000',
  'devices.kubevirt.io/vhost-net': '1000',
  'ephemeral-storage': '100Gi',
}

const NODE_LABELS = {
  'kubevirt.io/schedulable': 'true',
  'machine-type.node.kubevirt.io/virt': 'true',
}

const secondsNow = (): string => new Date().toISOString().replace(/\.\d+Z$/, 'Z')

/**
 * Kubelets and virt-handlers, played: pods that have a node run, VMs start and stop at once, and live migrations work. Whatever decides
 * something is real.
 */
export class PlayedNodes {
  readonly #kubelet: KubeClient
  readonly #handler: KubeClient
  readonly #ended = new AbortController()
  readonly #nodes: string[] = []
  readonly #running: Promise<void>
  #beatAtMs = 0

  private constructor(kubelet: KubeClient, handler: KubeClient) {
    this.#kubelet = kubelet
    this.#handler = handler
    this.#running = this.#run()
  }

  /** Plays with the rights of an administrator for kubelets, and with those of virt-handler's kubeconfig for virt-handlers. */
  static async start(controlPlane: ControlPlaneAccess, handlerKubeconfig: string): Promise<PlayedNodes> {
    const open = (kubeconfig: string, fieldManager: string): Promise<KubeClient> =>
      createKubeClient({ kubeconfig, clock: systemClock, fieldManager })
    notice('kubelets and virt-handlers are played: no VM runs')
    return new PlayedNodes(
      await open(controlPlane.adminKubeconfig, 'kubelet'),
      await open(handlerKubeconfig, 'virt-handler'),
    )
  }

  /** Gives a Node what a node with virt-handler has. */
  async add(name: string): Promise<void> {
    await this.#kubelet.patchMerge(PLAYED_NODES, { name }, { metadata: { labels: NODE_LABELS } })
    const status = { capacity: DEVICES, allocatable: DEVICES }
    await this.#kubelet.patchMerge(PLAYED_NODES, { name }, { status }, { subresource: 'status' })
    await this.#beat(name)
    this.#nodes.push(name)
  }

  async stop(): Promise<void> {
    this.#ended.abort()
    await this.#running
    this.#kubelet.close()
    this.#handler.close()
  }

  async #run(): Promise<void> {
    const { signal } = this.#ended
    while (!signal.aborted) {
      // The API server may be busy: what is left undone is done in the next round.
      await this.#round().catch((error: unknown) => {
        notice(`a played node could not write: ${String(error)}`)
      })
      await systemClock.sleep(500, signal)
    }
  }

  async #round(): Promise<void> {
    const { items: instances } = await this.#kubelet.list(PLAYED_INSTANCES)
    const { items: pods } = await this.#kubelet.list(PLAYED_PODS)
    for (const pod of pods) await this.#playKubelet(pod, instances)
    for (const instance of instances) await this.#playHandler(instance)
    if (systemClock.monotonic() < this.#beatAtMs) return
    this.#beatAtMs = systemClock.monotonic() + HEARTBEAT_MS
    for (const name of this.#nodes) await this.#beat(name)
  }

  async #beat(name: string): Promise<void> {
    const annotations = { 'kubevirt.io/heartbeat': secondsNow() }
    await this.#kubelet.patchMerge(PLAYED_NODES, { name }, { metadata: { annotations } })
  }

  async #playKubelet(pod: PlayedPod, instances: readonly PlayedInstance[]): Promise<void> {
    const { name, namespace, deletionTimestamp } = pod.metadata
    if (deletionTimestamp !== undefined) {
      await unlessOutdated(this.#kubelet.delete(PLAYED_PODS, { name, namespace }, { gracePeriodSeconds: 0 }))
      return
    }
    const isLeft = instances.some((one) => one.metadata.namespace === namespace && leftPod(one) === name)
    const hasEnded = isLeft && pod.status?.phase === 'Running'
    const status = hasEnded ? { phase: 'Succeeded' } : nextPodStatus(pod, secondsNow())
    if (status === undefined) return
    const patch = { metadata: { resourceVersion: pod.metadata.resourceVersion }, status }
    const options = { subresource: 'status' }
    await unlessOutdated(this.#kubelet.patchMerge(PLAYED_PODS, { name, namespace }, patch, options))
  }

  async #playHandler(instance: PlayedInstance): Promise<void> {
    const next = nextInstance(instance, secondsNow())
    if (next !== undefined) await unlessOutdated(this.#handler.update(PLAYED_INSTANCES, next))
  }
}

/** The next round sees what somebody else has written meanwhile. */
const unlessOutdated = async (writing: Promise<unknown>): Promise<void> => {
  try {
    await writing
  } catch (error) {
    if (!isApiError(error, 409) && !isApiError(error, 404)) throw error
  }
}
