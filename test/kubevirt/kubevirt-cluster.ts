import { join } from 'node:path'
import { after } from 'node:test'
import { parseAllDocuments } from 'yaml'
import { eventually } from '../harness/eventually.ts'
import { LAB_PATHS } from '../harness/lab-paths.ts'
import { Fleet, POOL, type KubernetesObject } from '../integration/controller/fleet.ts'
import { PlayedNodes } from './played-nodes.ts'
import { startKubeVirt } from './real-kubevirt.ts'
import { virtualMachine } from './virtual-machine.ts'

const REVISION = 'cpufeatures.dev/revision'

/** The nodes, each of another kind. */
export const NODES = { v1: 'neoverse-v1-6.18', n2: 'neoverse-n2-6.18' } as const

/** What is left out of the overlay: the controller is a process of the test, and no node runs anything. */
const WORKLOADS = ['Deployment', 'DaemonSet', 'PodDisruptionBudget']

/** A pod of KubeVirt, as far as the tests look. */
export type LauncherPod = KubernetesObject & {
  metadata: {
    creationTimestamp: string
    ownerReferences?: { apiVersion: string; kind: string; controller?: boolean }[]
  }
  spec: {
    schedulingGates?: { name: string }[]
    securityContext?: { seccompProfile?: object; runAsUser?: number }
    containers: LauncherContainer[]
    initContainers?: LauncherContainer[]
  }
}

export type LauncherContainer = {
  name: string
  securityContext?: { seccompProfile?: { type: string; localhostProfile?: string }; runAsUser?: number }
  resources?: { limits?: Record<string, string> }
}

export const revisionOf = ({ metadata }: KubernetesObject): string | undefined =>
  metadata.annotations?.[REVISION]

/** Why a pod has no node, by the scheduler: `Unschedulable`, `SchedulingGated`. */
export const scheduledReason = ({ status }: KubernetesObject): string | undefined =>
  status?.conditions?.find((one) => one.type === 'PodScheduled' && one.status === 'False')?.reason

/** virt-controller and virt-api beside our controller and its rules with the overlay for KubeVirt. Nodes are played. */
export class KubevirtCluster {
  readonly fleet: Fleet
  /** Ends what was started, the last one first. */
  readonly #stops: (() => Promise<void>)[]

  private constructor(fleet: Fleet) {
    this.fleet = fleet
    this.#stops = [() => fleet.stop()]
  }

  static async start(): Promise<KubevirtCluster> {
    const cluster = new KubevirtCluster(await Fleet.startBare({ frontProxy: true }))
    try {
      await cluster.#start()
      return cluster
    } catch (error) {
      await cluster.stop()
      throw error
    }
  }

  async #start(): Promise<void> {
    const { fleet } = this
    await fleet.install()
    const kubevirt = await startKubeVirt(fleet.controlPlane)
    this.#stops.push(() => kubevirt.stop())
    const nodes = await PlayedNodes.start(fleet.controlPlane, kubevirt.handlerKubeconfig)
    this.#stops.push(() => nodes.stop())
    await this.#applyOverlay()
    await fleet.startController('controller-a', { args: ['--leader-elect=false'] })
    for (const [name, fixture] of Object.entries(NODES)) {
      await fleet.addNode(name, fixture, POOL)
      await nodes.add(name)
    }
  }

  async #applyOverlay(): Promise<void> {
    const { kubectl } = this.fleet.controlPlane
    const text = await kubectl(['kustomize', join(LAB_PATHS.root, 'deploy/overlays/kubevirt')])
    const objects = parseAllDocuments(text).map((document) => document.toJS() as KubernetesObject)
    const items = objects.filter(({ kind }) => !WORKLOADS.includes(kind))
    const list = { apiVersion: 'v1', kind: 'List', items }
    await kubectl(['apply', '--server-side', '--force-conflicts', '-f', '-'], JSON.stringify(list))
  }

  kubectl(args: readonly string[], input?: string): Promise<string> {
    return this.fleet.controlPlane.kubectl(args, input)
  }

  /** Creates a VM with labels in its template, as a user does. */
  async createVm(name: string, labels: Record<string, string> = {}, namespace = 'default'): Promise<void> {
    await this.kubectl(['create', '-n', namespace, '-f', '-'], JSON.stringify(virtualMachine(name, labels)))
  }

  /** Deletes all VMs, and waits until nothing of them is left. */
  async deleteVms(namespace = 'default'): Promise<void> {
    await this.kubectl(['delete', 'vm', '--all', '-n', namespace, '--timeout=300s'])
    await eventually('no pod of a VM is left', async () =>
      (await this.#pods([], namespace)).length === 0 ? true : undefined,
    )
  }

  /** The pods of a VM, the oldest first. */
  async podsOf(name: string, namespace = 'default'): Promise<LauncherPod[]> {
    const pods = await this.#pods(['-l', `vmi.kubevirt.io/id=${name}`], namespace)
    return pods.sort((a, b) => a.metadata.creationTimestamp.localeCompare(b.metadata.creationTimestamp))
  }

  async #pods(selection: readonly string[], namespace: string): Promise<LauncherPod[]> {
    const text = await this.kubectl(['get', 'pods', '-n', namespace, ...selection, '-o', 'json'])
    return (JSON.parse(text) as { items: LauncherPod[] }).items
  }

  /** The newest pod of a VM, once `holds` is true of it. */
  async podBecomes(
    name: string,
    what: string,
    holds: (pod: LauncherPod) => boolean,
    namespace = 'default',
  ): Promise<LauncherPod> {
    return eventually(`the newest pod of ${name} ${what}`, async () => {
      const pod = (await this.podsOf(name, namespace)).at(-1)
      if (pod === undefined) throw new Error('it has none')
      if (holds(pod)) return pod
      throw new Error(JSON.stringify({ metadata: pod.metadata, status: pod.status }))
    })
  }

  /** A VM's instance that runs, once it does; on this node, if one is named. */
  async runs(name: string, node?: string, namespace = 'default'): Promise<KubernetesObject> {
    return eventually(`${name} runs${node === undefined ? '' : ` on ${node}`}`, async () => {
      const instance = await this.fleet.get('vmi', name, namespace)
      const { status } = instance
      const isThere = node === undefined || status?.['nodeName'] === node
      if (status?.['phase'] === 'Running' && isThere && has(instance, 'LiveMigratable')) return instance
      throw new Error(JSON.stringify(status))
    })
  }

  /** Asks for a live migration. Its name. */
  async migrate(name: string, namespace = 'default'): Promise<string> {
    const migration = {
      ...{ apiVersion: 'kubevirt.io/v1', kind: 'VirtualMachineInstanceMigration' },
      metadata: { generateName: `move-${name}-` },
      spec: { vmiName: name },
    }
    const create = ['create', '-n', namespace, '-f', '-', '-o', 'jsonpath={.metadata.name}']
    return this.kubectl(create, JSON.stringify(migration))
  }

  /** Events about an object of a kind, `reason: note` each. */
  async eventsOf(kind: string, name: string): Promise<string[]> {
    const text = await this.kubectl(['get', 'events.events.k8s.io', '-A', '-o', 'json'])
    const { items } = JSON.parse(text) as {
      items: { reason: string; note?: string; regarding: { kind: string; name: string } }[]
    }
    return items
      .filter(({ regarding }) => regarding.kind === kind && regarding.name === name)
      .map(({ reason, note }) => `${reason}: ${note ?? ''}`)
  }

  /** Waits for an event about the instance and one about the VM that match. Both texts. */
  async usersRead(name: string, pattern: RegExp): Promise<string[]> {
    const kinds = ['VirtualMachineInstance', 'VirtualMachine']
    return Promise.all(
      kinds.map((kind) =>
        eventually(`${kind} ${name} has an event ${String(pattern)}`, async () => {
          const events = await this.eventsOf(kind, name)
          const event = events.find((one) => pattern.test(one))
          if (event === undefined) throw new Error(JSON.stringify(events))
          return event
        }),
      ),
    )
  }

  async stop(): Promise<void> {
    for (const stop of this.#stops.toReversed()) await stop()
  }
}

const has = ({ status }: KubernetesObject, type: string): boolean =>
  status?.conditions?.some((one) => one.type === type && one.status === 'True') === true

let started: Promise<KubevirtCluster> | undefined

after(async () => {
  await (await started)?.stop()
})

/** The one cluster of this process. It ends with the tests. */
export const kubevirtCluster = (): Promise<KubevirtCluster> => (started ??= KubevirtCluster.start())
