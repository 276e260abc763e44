import type { KubeObject } from '../kube/kube-object.ts'
import { defineResource } from '../kube/resource.ts'

/** The cluster's Nodes, of which the node-agent reads its own. */
export const NODES = defineResource<KubeObject>({
  apiVersion: 'v1',
  kind: 'Node',
  plural: 'nodes',
  namespaced: false,
})
