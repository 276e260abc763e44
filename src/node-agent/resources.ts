import type { Condition } from '../api/condition.ts'
import type { KubeObject } from '../kube/kube-object.ts'
import { defineResource } from '../kube/resource.ts'

/** The cluster's Nodes, of which the node-agent reads its own. */
export const NODES = defineResource<KubeObject>({
  apiVersion: 'v1',
  kind: 'Node',
  plural: 'nodes',
  namespaced: false,
})

/** `containerID` is there once the runtime has made the container: `containerd://4f1c...`. */
type ContainerStatus = { name: string; containerID?: string }

/** The part of a core/v1 Pod that the node-agent reads. */
export type Pod = KubeObject & {
  status?: { conditions?: Condition[]; containerStatuses?: ContainerStatus[] }
}

/** The cluster's pods, of which the node-agent reads those that run on its node. */
export const PODS = defineResource<Pod>({
  apiVersion: 'v1',
  kind: 'Pod',
  plural: 'pods',
  namespaced: true,
})
