import { createHash } from 'node:crypto'
import type { KubeObject } from '../../src/kube/kube-object.ts'
import { defineResource } from '../../src/kube/resource.ts'

type Condition = {
  type: string
  status: string
  reason?: string
  message?: string
  lastTransitionTime?: string | null
  lastProbeTime?: string | null
}

/** The part of a pod that a kubelet reads or writes, as far as KubeVirt looks. */
export type PlayedPod = KubeObject & {
  spec: { nodeName?: string; containers: { name: string; image: string }[] }
  status?: {
    phase?: string
    podIP?: string
    startTime?: string
    conditions?: Condition[]
    containerStatuses?: object[]
  }
}

/** The migration of a VM, as virt-controller begins it and virt-handler carries it out (kubevirt.io/api core/v1). */
export type MigrationState = {
  migrationUid?: string
  sourcePod?: string
  targetNode?: string
  targetNodeAddress?: string
  startTimestamp?: string
  endTimestamp?: string
  targetNodeDomainReadyTimestamp?: string
  completed?: boolean
  failed?: boolean
}

/** The part of a VirtualMachineInstance that virt-handler reads or writes. */
export type PlayedInstance = KubeObject & {
  status?: {
    phase?: string
    nodeName?: string
    evacuationNodeName?: string | undefined
    selinuxContext?: string
    migrationMethod?: string
    conditions?: Condition[]
    migrationState?: MigrationState
  }
}

export const PLAYED_PODS = defineResource<PlayedPod>({
  ...{ apiVersion: 'v1', kind: 'Pod', plural: 'pods', namespaced: true },
})

export const PLAYED_INSTANCES = defineResource<PlayedInstance>({
  ...{ apiVersion: 'kubevirt.io/v1', kind: 'VirtualMachineInstance' },
  ...{ plural: 'virtualmachineinstances', namespaced: true },
})

export const PLAYED_NODES = defineResource<KubeObject & { status?: object }>({
  ...{ apiVersion: 'v1', kind: 'Node', plural: 'nodes', namespaced: false },
})

/** A condition in the form in which Go writes it: virt-controller tests in its patches that nothing else is there. */
const withCondition = (before: readonly Condition[], type: string, now: string): Condition[] => [
  ...before.filter((one) => one.type !== type),
  { type, status: 'True', lastProbeTime: null, lastTransitionTime: now },
]

/** An image as a runtime names it: KubeVirt migrates no VM whose disk has no digest. */
const withDigest = (image: string): string => {
  const digest = createHash('sha256').update(image).digest('hex')
  return `${image.replace(/:[^:/]+$/, '')}@sha256:${digest}`
}

/** The status that a kubelet would write next; undefined if it has nothing to say. */
export const nextPodStatus = ({ spec, status }: PlayedPod, now: string): PlayedPod['status'] | undefined => {
  if (spec.nodeName === undefined || (status?.phase ?? 'Pending') !== 'Pending') return undefined
  const types = ['Initialized', 'PodReadyToStartContainers', 'ContainersReady', 'Ready']
  const conditions = types.reduce<readonly Condition[]>(
    (before, type) => withCondition(before, type, now),
    status?.conditions ?? [],
  )
  const containerStatuses = spec.containers.map(({ name, image }) => ({
    ...{ name, image, imageID: withDigest(image), ready: true, started: true, restartCount: 0 },
    state: { running: { startedAt: now } },
  }))
  return {
    ...{ phase: 'Running', podIP: '10.0.2.15', startTime: now },
    conditions: [...conditions],
    containerStatuses,
  }
}

/** A step of a live migration that always works: the target is ready, then the VM moves, then it is there. */
const nextMigration = (instance: PlayedInstance, now: string): PlayedInstance | undefined => {
  const { status } = instance
  const state = status?.migrationState
  if (status === undefined || state?.targetNode === undefined || state.completed === true) return undefined
  if (state.targetNodeAddress === undefined)
    return {
      ...instance,
      status: { ...status, migrationState: { ...state, targetNodeAddress: '10.0.2.15' } },
    }
  if (state.startTimestamp === undefined)
    return { ...instance, status: { ...status, migrationState: { ...state, startTimestamp: now } } }
  const { metadata } = instance
  return {
    ...instance,
    metadata: { ...metadata, labels: { ...metadata.labels, 'kubevirt.io/nodeName': state.targetNode } },
    status: {
      ...status,
      nodeName: state.targetNode,
      // Left out of JSON: it need not leave its node any more.
      evacuationNodeName: undefined,
      migrationState: { ...state, completed: true, endTimestamp: now, targetNodeDomainReadyTimestamp: now },
    },
  }
}

/** What virt-handler would make of an instance next; undefined if it has nothing to do. */
export const nextInstance = (instance: PlayedInstance, now: string): PlayedInstance | undefined => {
  const { metadata, status } = instance
  const phase = status?.phase
  if (phase !== 'Scheduled' && phase !== 'Running') return undefined
  if (metadata.deletionTimestamp !== undefined)
    return { ...instance, status: { ...status, phase: 'Succeeded' } }
  if (phase === 'Running') return nextMigration(instance, now)
  const conditions = ['LiveMigratable', 'StorageLiveMigratable'].reduce<readonly Condition[]>(
    (before, type) => withCondition(before, type, now),
    status?.conditions ?? [],
  )
  return {
    ...instance,
    status: {
      ...status,
      ...{ phase: 'Running', selinuxContext: 'none', migrationMethod: 'LiveMigration' },
      conditions: [...conditions],
    },
  }
}

/** The name of the pod that a VM has left; undefined if it has left none. */
export const leftPod = ({ status }: PlayedInstance): string | undefined =>
  status?.migrationState?.completed === true && status.migrationState.failed !== true
    ? status.migrationState.sourcePod
    : undefined
