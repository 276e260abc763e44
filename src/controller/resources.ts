import type { ObjectMeta } from '../api/object-meta.ts'
import { defineResource } from '../kube/resource.ts'
import type { Pod } from './pod.ts'

/** The part of a core/v1 Node that the controller keeps in memory. */
export type Node = {
  apiVersion: 'v1'
  kind: 'Node'
  metadata: ObjectMeta
  /** As the kubelet reads it: another one after each boot. */
  status?: { nodeInfo?: { bootID?: string } }
}

export const NODES = defineResource<Node>({
  apiVersion: 'v1',
  kind: 'Node',
  plural: 'nodes',
  namespaced: false,
})

export const PODS = defineResource<Pod>({ apiVersion: 'v1', kind: 'Pod', plural: 'pods', namespaced: true })
