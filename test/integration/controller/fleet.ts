import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import {
  startControlPlane,
  type ControlPlane,
  type ControlPlaneOptions,
} from '../../harness/control-plane.ts'
import { LAB_PATHS, runFolder } from '../../harness/lab-paths.ts'
import { installCrds } from '../../harness/install-crds.ts'
import { eventually } from '../../harness/eventually.ts'
import { builtBundle } from '../../harness/product-bundle.ts'
import { runCommand, startProcess, type Process } from '../../harness/process.ts'

const NAMESPACE = 'cpufeatures-system'
const CONTROLLER = `system:serviceaccount:${NAMESPACE}:cpufeatures-controller`

/** deploy/ without what runs: here the controller runs as processes of the test. */
const RULES = join(LAB_PATHS.root, 'deploy/rules')

type Condition = {
  type: string
  status: string
  reason?: string
  message?: string
}

/** An object as kubectl prints it, as far as the tests look. */
export type KubernetesObject = {
  apiVersion: string
  kind: string
  metadata: {
    name: string
    uid: string
    resourceVersion: string
    labels?: Record<string, string>
    annotations?: Record<string, string>
    finalizers?: string[]
  }
  spec: Record<string, unknown> & {
    nodeName?: string
    schedulingGates?: unknown[]
    affinity?: unknown
    holderIdentity?: string
  }
  status?: Record<string, unknown> & {
    conditions?: Condition[]
    currentRevision?: string
    nodes?: { total: number; compatible: number; summary: string }
    classes?: {
      class: string
      compatible: boolean
      sample: string[]
      findings: { reason: string; register?: string; remedy?: string }[]
    }[]
    reach?: { from: string; to: string; reach: string; findings: { reason: string }[] }[]
    notes?: string[]
  }
}

/** A running controller, and where it serves health and metrics. */
export type RunningController = {
  identity: string
  logFile: string
  /** GET of a path: status and body. */
  ask: (path: string) => Promise<{ status: number; body: string }>
} & Process

/**
 * A real control plane with the CRDs and the files of deploy/ for the controller. The test writes reports from real host documents.
 */
export class Fleet {
  readonly controlPlane: ControlPlane
  readonly #folder: string
  readonly #kubeconfig: string
  readonly #controllers: RunningController[] = []

  private constructor(controlPlane: ControlPlane, folder: string, kubeconfig: string) {
    this.controlPlane = controlPlane
    this.#folder = folder
    this.#kubeconfig = kubeconfig
  }

  /** With the CRDs and the files of deploy/ for the controller. */
  static async start(): Promise<Fleet> {
    const fleet = await Fleet.startBare()
    await fleet.install()
    return fleet
  }

  /** With the controller's service account and its rights only. */
  static async startBare(options: ControlPlaneOptions = {}): Promise<Fleet> {
    const controlPlane = await startControlPlane({ schedulerAndControllers: true, ...options })
    for (const part of ['namespace', 'controller-rbac', 'installation-rbac'])
      await controlPlane.kubectl(['apply', '-f', join(RULES, `${part}.yaml`)])
    const serviceAccount = { namespace: NAMESPACE, name: 'cpufeatures-controller' }
    const kubeconfig = await controlPlane.kubeconfigFor({ serviceAccount })
    return new Fleet(controlPlane, runFolder('controller'), kubeconfig)
  }

  /** Applies CRDs and admission policies, and waits until they take effect. */
  async install(): Promise<void> {
    const { kubectl } = this.controlPlane
    await installCrds(this.controlPlane)
    await kubectl(['apply', '-k', RULES])
    await eventually('pods are gated', async () => {
      const dryRun = [
        'create',
        '-f',
        '-',
        '--dry-run=server',
        '-o',
        'jsonpath={.spec.schedulingGates[*].name}',
      ]
      const gates = await kubectl(dryRun, JSON.stringify(vmPod('probe', 'any')))
      return gates === 'cpufeatures.dev/profile' ? true : undefined
    })
  }

  /** Turns break-glass on, with a reason, or off. */
  async breakGlass(reason: string | undefined): Promise<void> {
    const state = reason === undefined ? '-' : `=${reason}`
    const settings = ['configmap', 'cpufeatures-settings', '-n', NAMESPACE]
    await this.controlPlane.kubectl(['annotate', ...settings, `cpufeatures.dev/break-glass${state}`])
  }

  /** Starts the controller as a process with the service account of deploy/; resolves when it is ready. */
  async startController(
    identity: string,
    { args = [], ready = true }: { args?: readonly string[]; ready?: boolean } = {},
  ): Promise<RunningController> {
    const logFile = join(this.#folder, `${identity}-${this.#controllers.length}.log`)
    const command = [
      ...[process.execPath, builtBundle(), 'controller'],
      ...['--kubeconfig', this.#kubeconfig, '--namespace', NAMESPACE, '--identity', identity],
      ...['--metrics-address', '127.0.0.1:0', ...args],
    ]
    const running = startProcess(command, logFile)
    const port = await eventually(`${identity} serves`, async () => {
      const line = /"port":(\d+)/.exec(await readFile(logFile, 'utf8'))
      if (line === null && !running.running()) throw new Error(await readFile(logFile, 'utf8'))
      return line?.[1]
    })
    const ask = async (path: string) => {
      const response = await fetch(`http://127.0.0.1:${port}${path}`)
      return { status: response.status, body: await response.text() }
    }
    const controller = { ...running, identity, logFile, ask }
    this.#controllers.push(controller)
    if (ready)
      await eventually(`${identity} is ready`, async () =>
        (await ask('/readyz')).status === 200 ? true : undefined,
      )
    return controller
  }

  /** Runs the controller to its end; its exit code. */
  async runController(args: readonly string[]): Promise<number> {
    const command = [process.execPath, builtBundle(), 'controller', ...args]
    return (await runCommand(command, { mayFail: true })).exitCode
  }

  async apply(...objects: readonly object[]): Promise<void> {
    for (const object of objects)
      await this.controlPlane.kubectl(['apply', '-f', '-'], JSON.stringify(object))
  }

  /** Makes a Ready Node with a report: the real document of a file in test/fixtures/hosts. */
  async addNode(name: string, fixture: string, labels: Record<string, string> = {}): Promise<void> {
    await this.controlPlane.makeReadyNode(name, labels)
    await this.report(name, fixture)
  }

  /** Writes a node's report, as its agent would. `refusedRevisions`: what its trials came to. */
  async report(name: string, fixture: string, refusedRevisions?: readonly object[]): Promise<void> {
    const file = join(LAB_PATHS.root, 'test/fixtures/hosts', `${fixture}.json`)
    const host: unknown = JSON.parse(await readFile(file, 'utf8'))
    const ncf = { apiVersion: 'cpufeatures.dev/v1alpha1', kind: 'NodeCpuFeatures', metadata: { name } }
    await this.apply(ncf)
    await this.controlPlane.kubectl(
      ['apply', '--server-side', '--subresource=status', '--field-manager=agent', '-f', '-'],
      JSON.stringify({ ...ncf, status: { host, ...(refusedRevisions && { refusedRevisions }) } }),
    )
  }

  /** Writes the condition of a pod whose launch was refused, as the node-agent does. */
  async refuseLaunch(name: string, message: string): Promise<void> {
    const { uid } = (await this.get('pod', name)).metadata
    const condition = {
      ...{ type: 'cpufeatures.dev/Applied', status: 'False', reason: 'LaunchRefused', message },
      lastTransitionTime: `${new Date().toISOString().slice(0, 19)}Z`,
    }
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, uid },
      status: { conditions: [condition] },
    }
    await this.controlPlane.kubectl(
      ['apply', '--server-side', '--subresource=status', '--field-manager=agent', '-f', '-'],
      JSON.stringify(pod),
    )
  }

  async get(kind: string, name: string, namespace = 'default'): Promise<KubernetesObject> {
    const text = await this.controlPlane.kubectl(['get', kind, name, '-n', namespace, '-o', 'json'])
    return JSON.parse(text) as KubernetesObject
  }

  /** The names of all revisions. */
  async revisions(): Promise<string[]> {
    const text = await this.controlPlane.kubectl(['get', 'cfpr', '-o', 'jsonpath={.items[*].metadata.name}'])
    return text.split(' ').filter((name) => name !== '')
  }

  /** Waits until `holds` is true of an object; the error shows the object. */
  async becomes(
    [kind, name]: readonly [string, string],
    what: string,
    holds: (object: KubernetesObject) => boolean,
  ): Promise<KubernetesObject> {
    let last: KubernetesObject | undefined
    try {
      return await eventually(`${kind} ${name} ${what}`, async () => {
        last = await this.get(kind, name)
        return holds(last) ? last : undefined
      })
    } catch (cause) {
      const { metadata, status } = last ?? {}
      throw new Error(`${kind} ${name} is not so: ${what}; it is ${JSON.stringify({ metadata, status })}`, {
        cause,
      })
    }
  }

  /** The controllers' mutating requests since a moment, Leases aside; `user resource name` each. */
  async controllerWrites(sinceMs: number): Promise<string[]> {
    return (await this.controlPlane.auditedWrites(sinceMs))
      .filter((write) => write.user === CONTROLLER && write.resource !== 'leases')
      .map(
        ({ verb, resource, subresource, name }) => `${verb} ${resource}/${subresource ?? ''} ${name ?? ''}`,
      )
  }

  /** Resolves as soon as the controllers have made so many requests since a moment that {@link controllerWrites} tells. */
  async hasWritten(sinceMs: number, count: number): Promise<void> {
    const isSo = async () => ((await this.controllerWrites(sinceMs)).length >= count ? true : undefined)
    await eventually(`the controllers have made ${count} requests`, isSo, { everyMs: 5 })
  }

  /** Waits until the controllers have written nothing for two seconds, on a slow machine for as long as twenty requests take there. */
  async settled(): Promise<void> {
    await eventually('the controllers are at rest', async () => {
      const since = Date.now()
      await this.controlPlane.kubectl(['get', 'namespace', NAMESPACE, '-o', 'name'])
      await delay(Math.max(2000, 20 * (Date.now() - since)))
      return (await this.controllerWrites(since)).length === 0 ? true : undefined
    })
  }

  /** Events about an object, `reason: note` each. */
  async eventsOf(name: string): Promise<string[]> {
    const text = await this.controlPlane.kubectl(['get', 'events.events.k8s.io', '-A', '-o', 'json'])
    const { items } = JSON.parse(text) as {
      items: { reason: string; note?: string; regarding: { name: string } }[]
    }
    return items
      .filter(({ regarding }) => regarding.name === name)
      .map(({ reason, note }) => `${reason}: ${note ?? ''}`)
  }

  async stop(): Promise<void> {
    await Promise.all(this.#controllers.map((controller) => controller.stop()))
    await this.controlPlane.stop()
  }
}

/** A condition of an object; fails if there is none. */
export const conditionOf = (object: KubernetesObject, type: string): Condition => {
  const condition = object.status?.conditions?.find((one) => one.type === type)
  assert.ok(condition !== undefined, `${object.metadata.name} has no condition ${type}`)
  return condition
}

/** Whether a condition is there with this status. */
export const has = (object: KubernetesObject, type: string, status: string): boolean =>
  object.status?.conditions?.some((one) => one.type === type && one.status === status) === true

/** The labels of the nodes from which {@link POOL_PROFILE} takes its baseline. */
export const POOL = { pool: 'vms' }

/** The spec of a profile that shows the same CPU on both nodes of the pool. */
export const POOL_PROFILE = {
  base: { nodes: { selector: { matchLabels: POOL }, minNodes: 2 } },
  implementation: { midr: 'FromBaseline' },
}

export const profile = (name: string, spec: object): object => ({
  apiVersion: 'cpufeatures.dev/v1alpha1',
  kind: 'CpuFeatureProfile',
  metadata: { name },
  spec,
})

/** A pod that asks for a profile. Its image is never pulled: no kubelet is here. */
export const vmPod = (name: string, profileName: string, spec: object = {}): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, labels: { 'cpufeatures.dev/profile': profileName } },
  spec: {
    containers: [
      { name: 'vmm', image: 'qemu-vm', resources: { limits: { 'devices.kubevirt.io/kvm': '1' } } },
    ],
    ...spec,
  },
})
