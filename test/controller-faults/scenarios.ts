import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { HostDocument } from '../../src/api/host-document.ts'
import { gateIndex } from '../../src/api/pod-pin.ts'
import { PROFILES, REPORTS } from '../../src/api/resources.ts'
import { VMI_MIGRATIONS, VMIS } from '../../src/controller/migration/platform-objects.ts'
import type { Pod } from '../../src/controller/pod.ts'
import { NODES, PODS } from '../../src/controller/resources.ts'
import type { KubeClient } from '../../src/kube/kube-client.ts'
import type { KubeObject } from '../../src/kube/kube-object.ts'
import { defineResource, type Resource } from '../../src/kube/resource.ts'
import { eventually } from '../harness/eventually.ts'
import { LAB_PATHS } from '../harness/lab-paths.ts'
import { POOL, POOL_PROFILE, profile, vmPod } from '../integration/controller/fleet.ts'
import { launcherPod, type Vm } from '../integration/controller/kubevirt-api.ts'
import type { FaultCluster } from './fault-cluster.ts'

/** A change in a cluster that the controller follows. */
export type Scenario = {
  readonly does: string
  /** The controller starts after the change. If not given, it is at rest before. */
  readonly startsController?: true
  /** Makes what is there before the change. Resolves when the controller has followed, if it runs. */
  readonly prepare: (cluster: FaultCluster) => Promise<unknown>
  readonly change: (cluster: FaultCluster) => Promise<unknown>
}

const NAMESPACE = 'default'
const EDITED = { ...POOL_PROFILE, features: [{ name: 'FEAT_SHA512', state: 'Disabled' }] }
const BINDINGS = defineResource({ apiVersion: 'v1', kind: 'Binding', plural: 'pods', namespaced: true })

/** The real documents of two hosts, of different kinds. */
const HOSTS = { n1: 'neoverse-v1-6.18', n2: 'neoverse-n2-6.18' } as const

type NodeName = keyof typeof HOSTS

const create = async (
  client: KubeClient,
  resource: Resource<KubeObject>,
  object: object,
): Promise<string> => {
  const { metadata } = object as KubeObject
  const namespace = resource.namespaced ? NAMESPACE : undefined
  const made = await client.create(resource, { metadata: { ...metadata, namespace }, ...without(object) })
  return made.metadata.uid ?? ''
}

const without = (object: object): object =>
  Object.fromEntries(Object.entries(object).filter(([key]) => key !== 'metadata'))

/** A node with a report, as its kubelet and its agent make them. */
const addNode = async ({ admin }: FaultCluster, name: NodeName): Promise<void> => {
  const labels = { ...POOL, 'kubernetes.io/arch': 'arm64', 'kubernetes.io/hostname': name }
  await create(admin, NODES, { metadata: { name, labels } })
  const file = join(LAB_PATHS.root, 'test/fixtures/hosts', `${HOSTS[name]}.json`)
  const host = JSON.parse(await readFile(file, 'utf8')) as HostDocument
  await create(admin, REPORTS, { metadata: { name } })
  await admin.applyServerSide(
    REPORTS,
    { metadata: { name }, status: { host } },
    { fieldManager: 'agent', force: true, subresource: 'status' },
  )
}

const addNodes = async (cluster: FaultCluster): Promise<void> => {
  await Promise.all([addNode(cluster, 'n1'), addNode(cluster, 'n2')])
}

const addProfile = ({ admin }: FaultCluster): Promise<string> =>
  create(admin, PROFILES, profile('fleet', POOL_PROFILE))

const editProfile = ({ admin }: FaultCluster): Promise<unknown> =>
  admin.patchMerge(PROFILES, { name: 'fleet' }, { spec: EDITED as object })

/** Resolves with the current revision of the profile, when there is one that is not `old` and nodes fit it. */
const usable = ({ admin }: FaultCluster, old?: string): Promise<string> =>
  eventually(
    'the profile is usable',
    async () => {
      const { status } = await admin.get(PROFILES, { name: 'fleet' })
      const ready = status?.conditions?.some(
        ({ type, status: is }) => type === 'Schedulable' && is === 'True',
      )
      return ready === true && status?.currentRevision !== old ? status?.currentRevision : undefined
    },
    { everyMs: 50 },
  )

const addPod = ({ admin }: FaultCluster): Promise<string> => create(admin, PODS, vmPod('vm', 'fleet'))

const pinned = ({ admin }: FaultCluster, name: string): Promise<Pod> =>
  eventually(
    `${name} is pinned`,
    async () => {
      const pod = await admin.get(PODS, { namespace: NAMESPACE, name })
      return gateIndex(pod) < 0 ? pod : undefined
    },
    { everyMs: 50 },
  )

const withUsableProfile = async (cluster: FaultCluster): Promise<string> => {
  await addNodes(cluster)
  await addProfile(cluster)
  return usable(cluster)
}

const withPinnedPod = async (cluster: FaultCluster): Promise<void> => {
  await withUsableProfile(cluster)
  await addPod(cluster)
  await pinned(cluster, 'vm')
}

const mergeStatus = ({ admin }: FaultCluster, resource: Resource<KubeObject>, name: string, status: object) =>
  admin.patchMerge(resource, { namespace: NAMESPACE, name }, { status } as object, { subresource: 'status' })

/** A VM that runs on n1 in the pod `web-source`. */
const runVm = async (cluster: FaultCluster): Promise<void> => {
  const uid = await create(cluster.admin, VMIS, { metadata: { name: 'web' }, spec: {} })
  const source = launcherPod({ name: 'web', uid }, { name: 'web-source', profile: 'fleet' })
  const podUid = await create(cluster.platform, PODS, source)
  await pinned(cluster, 'web-source')
  const binding = {
    metadata: { name: 'web-source', namespace: NAMESPACE },
    target: { kind: 'Node', name: 'n1' },
  }
  await cluster.admin.create(BINDINGS, binding, { subresource: 'binding' })
  await mergeStatus(cluster, PODS, 'web-source', { phase: 'Running' })
  await mergeStatus(cluster, VMIS, 'web', { nodeName: 'n1', activePods: { [podUid]: 'n1' } })
}

const migrateVm = async ({ admin, platform }: FaultCluster): Promise<void> => {
  const { metadata } = await admin.get(VMIS, { namespace: NAMESPACE, name: 'web' })
  const vm: Vm = { name: 'web', uid: metadata.uid ?? '' }
  const move = { metadata: { name: 'move' }, spec: { vmiName: 'web' } }
  const migration = { name: 'move', uid: await create(admin, VMI_MIGRATIONS, move) }
  await create(platform, PODS, launcherPod(vm, { name: 'web-target', profile: 'fleet', migration }))
}

/** The scenarios, by name. */
export const SCENARIOS = {
  'profile-made': {
    does: 'a profile is created. Two nodes with reports are there',
    prepare: addNodes,
    change: addProfile,
  },
  'profile-edited': {
    does: 'a feature is disabled in a profile to whose revision a pod is pinned',
    prepare: withPinnedPod,
    change: editProfile,
  },
  'node-joins': {
    does: 'a second node with a report joins. A profile and its gated pod wait for it',
    prepare: async (cluster) => {
      await addNode(cluster, 'n1')
      await addProfile(cluster)
      await addPod(cluster)
      await eventually('the pod is told that it waits', async () => {
        const { status } = await cluster.admin.get(PODS, { namespace: NAMESPACE, name: 'vm' })
        return (
          status?.conditions?.some(({ type }) => type === 'cpufeatures.dev/Schedulable') === true || undefined
        )
      })
    },
    change: (cluster) => addNode(cluster, 'n2'),
  },
  'pod-pinned': {
    does: 'a pod with a usable profile is created',
    prepare: withUsableProfile,
    change: addPod,
  },
  'target-pinned': {
    does: 'the target of a live migration is created. The profile was edited since its VM started',
    prepare: async (cluster) => {
      const old = await withUsableProfile(cluster)
      await runVm(cluster)
      await editProfile(cluster)
      await usable(cluster, old)
    },
    change: migrateVm,
  },
  'profile-deleted': {
    does: 'a profile and its only pod are deleted',
    prepare: withPinnedPod,
    change: async ({ admin }) => {
      await admin.delete(PODS, { namespace: NAMESPACE, name: 'vm' }, { gracePeriodSeconds: 0 })
      await admin.delete(PROFILES, { name: 'fleet' })
    },
  },
  'controller-starts': {
    does: 'the controller starts. Two nodes, a profile and a gated pod are there',
    startsController: true,
    prepare: async (cluster) => {
      await addNodes(cluster)
      await addProfile(cluster)
      await addPod(cluster)
    },
    change: () => Promise.resolve(),
  },
} as const satisfies Readonly<Record<string, Scenario>>

export type ScenarioName = keyof typeof SCENARIOS

export const SCENARIO_NAMES = Object.keys(SCENARIOS) as ScenarioName[]
