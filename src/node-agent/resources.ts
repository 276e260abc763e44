import { API_GROUP_VERSION } from '../api/names.ts'
import type { NodeCpuFeatures } from '../api/node-cpu-features.ts'
import type { KubeObject } from '../kube/kube-object.ts'
import { defineResource } from '../kube/resource.ts'

/** The resources the node-agent reads and writes. */
export const NODES = defineResource<KubeObject>({
  apiVersion: 'v1',
  kind: 'Node',
  plural: 'nodes',
  namespaced: false,
})

export const NODE_CPU_FEATURES = defineResource<NodeCpuFeatures>({
  apiVersion: API_GROUP_VERSION,
  kind: 'NodeCpuFeatures',
  plural: 'nodecpufeatures',
  namespaced: false,
})
