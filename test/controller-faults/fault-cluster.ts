import { open, readFile } from 'node:fs/promises'
import { Agent } from 'node:https'
import { join } from 'node:path'
import * as z from 'zod'
import { PROFILES, REPORTS, REVISIONS } from '../../src/api/resources.ts'
import { VMI_MIGRATIONS, VMIS } from '../../src/controller/migration/platform-objects.ts'
import { NODES, PODS } from '../../src/controller/resources.ts'
import { isApiError } from '../../src/kube/api-error.ts'
import { createKubeClient } from '../../src/kube/create-kube-client.ts'
import { events } from '../../src/kube/event-recorder.ts'
import type { KubeClient } from '../../src/kube/kube-client.ts'
import type { KubeObject } from '../../src/kube/kube-object.ts'
import { leases } from '../../src/kube/lease.ts'
import type { Resource } from '../../src/kube/resource.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { startControlPlane, type ControlPlane } from '../harness/control-plane.ts'
import { crdsServed } from '../harness/install-crds.ts'
import { eventually } from '../harness/eventually.ts'
import { installCrds } from '../harness/install-crds.ts'
import { LAB_PATHS, runFolder } from '../harness/lab-paths.ts'
import { vmPod } from '../integration/controller/fleet.ts'
import { KUBEVIRT_CRDS, PLATFORM_RIGHTS } from '../integration/controller/kubevirt-api.ts'
import type { Upstream } from './api-exchange.ts'
import { ApiProxy } from './api-proxy.ts'
import { auditedForms, auditedRequests } from './audit-log.ts'
import { ControllerProcess, NAMESPACE } from './controller-process.ts'

export const CONTROLLER_USER = `system:serviceaccount:${NAMESPACE}:cpufeatures-controller`

const RULES = join(LAB_PATHS.root, 'deploy/rules')
const MACHINE_READER = join(LAB_PATHS.root, 'deploy/overlays/kubevirt/machine-reader.yaml')

/** In the order in which they are deleted. */
const OURS: readonly Resource<KubeObject>[] = [
  PODS,
  VMI_MIGRATIONS,
  VMIS,
  PROFILES,
  REVISIONS,
  REPORTS,
  NODES,
  events,
]

const kubeconfigFile = z.object({ users: z.tuple([z.object({ user: z.object({ token: z.string() }) })]) })

/** An API server with the product's CRDs, rights and policies, and with those of KubeVirt. No scheduler and no kubelet. */
export class FaultCluster {
  readonly admin: KubeClient
  /** Creates the pods of VMs. */
  readonly platform: KubeClient
  readonly #plane: ControlPlane
  readonly #upstream: Upstream
  readonly #token: string
  readonly #folder = runFolder('controller-faults')
  /** The form of each request that went through a proxy, by audit id. */
  readonly #forms = new Map<string, string>()
  #controllers = 0
  #auditRead = 0

  private constructor(
    plane: ControlPlane,
    clients: { readonly admin: KubeClient; readonly platform: KubeClient },
    access: { readonly upstream: Upstream; readonly token: string },
  ) {
    this.#plane = plane
    this.admin = clients.admin
    this.platform = clients.platform
    this.#upstream = access.upstream
    this.#token = access.token
  }

  static async start(): Promise<FaultCluster> {
    const plane = await startControlPlane({ auditReadsOf: CONTROLLER_USER })
    try {
      await install(plane)
      const clientOf = (kubeconfig: string) =>
        createKubeClient({ kubeconfig, clock: systemClock, fieldManager: 'controller-faults' })
      const accountOf = (namespace: string, name: string) =>
        plane.kubeconfigFor({ serviceAccount: { namespace, name } })
      const admin = await clientOf(plane.adminKubeconfig)
      const platform = await clientOf(await accountOf('kubevirt', 'kubevirt-controller'))
      const ours = await readFile(await accountOf(NAMESPACE, 'cpufeatures-controller'), 'utf8')
      const { token } = kubeconfigFile.parse(JSON.parse(ours)).users[0].user
      const ca = await readFile(plane.caFile)
      const upstream = { server: plane.server, ca, agent: new Agent({ keepAlive: true }) }
      return new FaultCluster(plane, { admin, platform }, { upstream, token })
    } catch (error) {
      await plane.stop()
      throw error
    }
  }

  /** A controller with a proxy of its own; it does not run yet. */
  async controller(name: string): Promise<ControllerProcess> {
    const proxy = await ApiProxy.start(this.#upstream, this.#forms)
    const setting = { admin: this.admin, proxy, token: this.#token, folder: this.#folder }
    return new ControllerProcess({ ...setting, name: `${name}-${(this.#controllers += 1)}` })
  }

  /** Where logs of controllers are. */
  get folder(): string {
    return this.#folder
  }

  /** The forms of the controllers' requests that the audit log tells since the last call. */
  async auditedForms(): Promise<string[]> {
    const file = await open(this.#plane.auditLog)
    try {
      const length = (await file.stat()).size - this.#auditRead
      const { buffer } = await file.read({ buffer: Buffer.alloc(length), position: this.#auditRead })
      const complete = buffer.subarray(0, buffer.lastIndexOf('\n') + 1)
      this.#auditRead += complete.length
      return auditedForms(auditedRequests(complete.toString()), {
        user: CONTROLLER_USER,
        forwarded: this.#forms,
      })
    } finally {
      await file.close()
    }
  }

  /** Deletes everything that a cell has made. No controller may run. */
  async clean(): Promise<void> {
    for (const resource of OURS) {
      const { items } = await this.admin.list(resource)
      await Promise.all(items.map((item) => this.#delete(resource, item)))
    }
    const lease = { namespace: NAMESPACE, name: 'cpufeatures-controller' }
    await this.admin.delete(leases, lease).catch(ignoreGone)
  }

  async #delete(resource: Resource<KubeObject>, { metadata }: KubeObject): Promise<void> {
    const { name, namespace, finalizers = [] } = metadata
    const ref = { name, namespace }
    if (finalizers.length > 0)
      await this.admin.patchMerge(resource, ref, { metadata: { finalizers: null } }).catch(ignoreGone)
    await this.admin.delete(resource, ref, { gracePeriodSeconds: 0 }).catch(ignoreGone)
  }

  async stop(): Promise<void> {
    this.#upstream.agent.destroy()
    this.admin.close()
    this.platform.close()
    await this.#plane.stop()
  }
}

const ignoreGone = (error: unknown): void => {
  if (!isApiError(error, 404)) throw error
}

const install = async (plane: ControlPlane): Promise<void> => {
  const { kubectl } = plane
  await installCrds(plane)
  await kubectl(['apply', '-k', RULES])
  await kubectl(['apply', '-f', KUBEVIRT_CRDS, '-f', MACHINE_READER])
  const account = (kind: string, metadata: object): object => ({ apiVersion: 'v1', kind, metadata })
  const objects = [
    account('Namespace', { name: 'kubevirt' }),
    account('ServiceAccount', { name: 'kubevirt-controller', namespace: 'kubevirt' }),
    ...PLATFORM_RIGHTS,
  ]
  await kubectl(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }))
  const data = { platformServiceAccounts: 'system:serviceaccount:kubevirt:kubevirt-controller\n' }
  await kubectl([
    ...['patch', 'configmap', 'cpufeatures-settings', '-n', NAMESPACE, '--type=merge', '-p'],
    JSON.stringify({ data }),
  ])
  await crdsServed({ kubectl })
  await eventually('pods are gated', async () => {
    const dryRun = ['create', '-f', '-', '--dry-run=server', '-o', 'jsonpath={.spec.schedulingGates[*].name}']
    const gates = await kubectl(dryRun, JSON.stringify(vmPod('probe', 'any')))
    return gates === 'cpufeatures.dev/profile' ? true : undefined
  })
}
