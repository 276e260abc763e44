import { join } from 'node:path'
import { LAB_PATHS } from '../../harness/lab-paths.ts'
import type { KubernetesObject, Fleet } from './fleet.ts'

/** The user that creates the pods of VMs, by deploy/overlays/kubevirt. */
export const PLATFORM = 'system:serviceaccount:kubevirt:kubevirt-controller'

/** The CRDs of the kinds that the controller reads. */
export const KUBEVIRT_CRDS = join(LAB_PATHS.root, 'test/fixtures/kubevirt-api/crds.yaml')

/** KubeVirt's controller may do what it needs for its pods. */
export const PLATFORM_RIGHTS: readonly object[] = [
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name: 'kubevirt-controller' },
    rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get', 'create', 'patch'] }],
  },
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: 'kubevirt-controller' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'kubevirt-controller' },
    subjects: [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: PLATFORM }],
  },
]

/** A VM, as its pods name it. */
export type Vm = { readonly name: string; readonly uid: string }

type LauncherPod = {
  readonly name: string
  /** Undefined: its VM names none. */
  readonly profile?: string | undefined
  /** If it is the target of one. */
  readonly migration?: { readonly name: string; readonly uid: string }
}

/** A pod of a VM, as KubeVirt 1.7 makes it (test/fixtures/virt-launcher), as far as it matters here. */
export const launcherPod = (vm: Vm, { name, profile, migration }: LauncherPod): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name,
    labels: {
      'kubevirt.io': 'virt-launcher',
      'kubevirt.io/created-by': vm.uid,
      ...(profile === undefined ? {} : { 'cpufeatures.dev/profile': profile }),
      ...(migration === undefined ? {} : { 'kubevirt.io/migrationJobUID': migration.uid }),
    },
    ...(migration === undefined ? {} : { annotations: { 'kubevirt.io/migrationJobName': migration.name } }),
    ownerReferences: [
      {
        ...{ apiVersion: 'kubevirt.io/v1', kind: 'VirtualMachineInstance', name: vm.name, uid: vm.uid },
        controller: true,
      },
    ],
  },
  spec: {
    containers: [
      { name: 'compute', image: 'virt-launcher', resources: { limits: { 'devices.kubevirt.io/kvm': '1' } } },
    ],
  },
})

/** What KubeVirt writes of a VM and its migrations, played. */
export class KubeVirt {
  readonly #fleet: Fleet

  constructor(fleet: Fleet) {
    this.#fleet = fleet
  }

  async create(kind: string, name: string, spec: object = {}): Promise<Vm> {
    const object = { apiVersion: 'kubevirt.io/v1', kind, metadata: { name }, spec }
    await this.#fleet.apply(object)
    const { metadata } = await this.#fleet.get(`${kind}.v1.kubevirt.io`, name)
    return { name, uid: metadata.uid }
  }

  /** Creates a pod as the platform. */
  async createPod(pod: object): Promise<void> {
    await this.#fleet.controlPlane.kubectl(['create', `--as=${PLATFORM}`, '-f', '-'], JSON.stringify(pod))
  }

  /** The pod runs, and has the VM. */
  async runs(vm: Vm, name: string): Promise<KubernetesObject> {
    const { kubectl } = this.#fleet.controlPlane
    const pod = await this.#fleet.becomes(
      ['pod', name],
      'is bound',
      ({ spec }) => spec.nodeName !== undefined,
    )
    const merge = (target: readonly string[], status: object): Promise<string> =>
      kubectl(['patch', ...target, '--subresource=status', '--type=merge', '-p', JSON.stringify({ status })])
    await merge(['pod', name], { phase: 'Running' })
    const { nodeName } = pod.spec
    await merge(['virtualmachineinstance.kubevirt.io', vm.name], {
      nodeName,
      activePods: { [pod.metadata.uid]: nodeName },
    })
    return pod
  }
}
