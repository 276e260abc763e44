import { API_GROUP, REVISION_LABEL_PREFIX, revisionLabel } from '../../api/names.ts'
import type { KubeObject } from '../../kube/kube-object.ts'
import { defineResource } from '../../kube/resource.ts'
import type { NeedingPod } from './needing-pod.ts'

export const NODES = defineResource<KubeObject>({
  apiVersion: 'v1',
  kind: 'Node',
  plural: 'nodes',
  namespaced: false,
})

const isOurs = (key: string): boolean =>
  key.startsWith(`${API_GROUP}/`) || key.startsWith(REVISION_LABEL_PREFIX)

/**
 * The labels of ours that may go from a node. Those that a bound pod requires stay: when a kubelet restarts, it checks the required
 * affinity of its pods again, and fails pods that no longer match.
 */
export const labelsToRemove = (
  { metadata: { name, labels = {} } }: KubeObject,
  pods: readonly NeedingPod[],
): readonly string[] => {
  const required = new Set(
    pods.filter(({ node }) => node === name).flatMap(({ revisions }) => revisions.map(revisionLabel)),
  )
  return Object.keys(labels).filter((key) => isOurs(key) && !required.has(key))
}
