import { breakGlass } from '../../api/break-glass.ts'
import { installationProblems } from '../../api/installed-objects.ts'
import type { Condition } from '../../api/condition.ts'
import { CONTROLLER_LEASE, INSTALLED_LABEL, PROFILE_LABEL, SETTINGS_NAME } from '../../api/names.ts'
import { UNFINISHED_PODS } from '../../api/pod-pin.ts'
import { CONFIG_MAPS, PROFILES, REPORTS } from '../../api/resources.ts'
import { getIfThere } from '../../kube/get-if-there.ts'
import type { KubeClient } from '../../kube/kube-client.ts'
import type { KubeObject } from '../../kube/kube-object.ts'
import { leases } from '../../kube/lease.ts'
import { listIfServed, type Selection } from '../../kube/list-all.ts'
import { defineResource, type Resource } from '../../kube/resource.ts'
import { VERSION } from '../../runtime/version.ts'
import { VM_PODS, type VmPod } from './vm-pod.ts'

/** A Deployment or DaemonSet of ours, and how many of its pods are Ready. */
export type Component = {
  readonly namespace: string
  readonly name: string
  readonly ready: number
  readonly wanted: number
}

/** An object that has conditions, and whatever else of its status people look at. */
export type Conditioned = { readonly name: string; readonly conditions: readonly Condition[] }

export type ProfileFacts = Conditioned & { readonly revision?: string; readonly nodes?: string }

/** What the API server says, as far as it decides how cpufeatures stands. */
export type ClusterFacts = {
  /** What is wrong with CRDs, policies and bindings, a sentence each. */
  readonly installation: readonly string[]
  readonly components: readonly Component[]
  /** Who holds the Lease of the controllers; undefined if nobody does. */
  readonly leader?: string
  /** Why break-glass is on; undefined if it is off. */
  readonly breakGlass?: string
  /** The names of the arm64 nodes. */
  readonly nodes: readonly string[]
  readonly reports: readonly Conditioned[]
  readonly profiles: readonly ProfileFacts[]
  /** Pods that name a profile and have not finished. */
  readonly pods: readonly VmPod[]
}

type Workload = KubeObject & {
  spec?: { replicas?: number }
  status?: { readyReplicas?: number; desiredNumberScheduled?: number; numberReady?: number }
}

const workloads = (kind: string): Resource<Workload> =>
  defineResource({ apiVersion: 'apps/v1', kind, plural: `${kind.toLowerCase()}s`, namespaced: true })

const nodes = defineResource({ apiVersion: 'v1', kind: 'Node', plural: 'nodes', namespaced: false })

const OURS: Selection = { labelSelector: INSTALLED_LABEL }

const componentOf = ({ metadata, spec, status }: Workload): Component => ({
  namespace: metadata.namespace ?? '',
  name: metadata.name,
  ready: status?.readyReplicas ?? status?.numberReady ?? 0,
  wanted: spec?.replicas ?? status?.desiredNumberScheduled ?? 0,
})

/** Asks the API server. Rejects with an ApiError. */
export const readClusterFacts = async (
  client: Pick<KubeClient, 'get' | 'list'>,
  signal: AbortSignal,
): Promise<ClusterFacts> => {
  const installation = await installationProblems(
    (resource, name) => getIfThere(client, resource, { name }, signal),
    VERSION,
  )
  const components = [
    ...(await listIfServed(client, workloads('Deployment'), OURS, componentOf)),
    ...(await listIfServed(client, workloads('DaemonSet'), OURS, componentOf)),
  ]
  const named = (name: string): Selection => ({ fieldSelector: `metadata.name=${name}` })
  const holders = await listIfServed(client, leases, named(CONTROLLER_LEASE), ({ spec }) => spec)
  const leader = holders.map((spec) => spec?.holderIdentity ?? '').find((holder) => holder !== '')
  const settings = await listIfServed(client, CONFIG_MAPS, { ...OURS, ...named(SETTINGS_NAME) }, breakGlass)
  const why = settings.find((one) => one !== undefined)
  return {
    ...{ installation, components },
    ...(leader !== undefined && { leader }),
    ...(why !== undefined && { breakGlass: why }),
    nodes: await listIfServed(
      client,
      nodes,
      { labelSelector: 'kubernetes.io/arch=arm64' },
      ({ metadata }) => metadata.name,
    ),
    reports: await listIfServed(client, REPORTS, {}, ({ metadata, status }) => ({
      ...{ name: metadata.name, conditions: status?.conditions ?? [] },
    })),
    profiles: await listIfServed(client, PROFILES, {}, ({ metadata, status }) => ({
      ...{ name: metadata.name, conditions: status?.conditions ?? [] },
      ...(status?.currentRevision !== undefined && { revision: status.currentRevision }),
      ...(status?.nodes !== undefined && { nodes: status.nodes.summary }),
    })),
    pods: await listIfServed(
      client,
      VM_PODS,
      { labelSelector: PROFILE_LABEL, fieldSelector: UNFINISHED_PODS },
      (pod) => pod,
    ),
  }
}
