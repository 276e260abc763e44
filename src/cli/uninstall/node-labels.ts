import { API_GROUP, REVISION_LABEL_PREFIX, revisionLabel } from '../../api/names.ts'
import { isFinished, pinnedRevisions, requiredTerms } from '../../api/pod-pin.ts'
import type { KubeObject } from '../../kube/kube-object.ts'
import { defineResource } from '../../kube/resource.ts'
import type { ExaminedPod } from './needing-pod.ts'

export const NODES = defineResource<KubeObject>({
  apiVersion: 'v1',
  kind: 'Node',
  plural: 'nodes',
  namespaced: false,
})

const isOurs = (key: string): boolean =>
  key.startsWith(`${API_GROUP}/`) || key.startsWith(REVISION_LABEL_PREFIX)

/** The labels of ours that a pod requires of the node to which it is bound. */
export type RequiredLabels = { readonly node: string; readonly pod: string; readonly keys: readonly string[] }

/** What a pod requires of its node; undefined if it requires none of our labels, is not bound, or has finished. */
export const requiredLabels = (pod: ExaminedPod): RequiredLabels | undefined => {
  const { metadata, spec } = pod
  if (spec.nodeName === undefined || isFinished(pod)) return undefined
  const keys = [
    ...pinnedRevisions(pod).map(revisionLabel),
    ...Object.keys(spec.nodeSelector ?? {}),
    ...requiredTerms(pod)
      .flatMap(({ matchExpressions = [] }) => matchExpressions)
      .filter(({ operator }) => operator !== 'DoesNotExist')
      .map(({ key }) => key),
  ].filter(isOurs)
  if (keys.length === 0) return undefined
  return {
    node: spec.nodeName,
    pod: `${metadata.namespace ?? ''}/${metadata.name}`,
    keys: [...new Set(keys)],
  }
}

/**
 * The labels of ours that may go from a node. Those that a bound pod requires stay: when a kubelet restarts, it checks the node selector
 * and the required affinity of its pods again, and fails pods that no longer match.
 */
export const labelsToRemove = (
  { metadata: { name, labels = {} } }: KubeObject,
  required: readonly RequiredLabels[],
): readonly string[] => {
  const stay = new Set(required.filter(({ node }) => node === name).flatMap(({ keys }) => keys))
  return Object.keys(labels).filter((key) => isOurs(key) && !stay.has(key))
}

/** The labels of ours that stay on a node, with the pods that require them, for people. */
export const labelsThatStay = (
  { metadata: { name, labels = {} } }: KubeObject,
  required: readonly RequiredLabels[],
): readonly string[] =>
  required
    .filter(({ node }) => node === name)
    .map(({ pod, keys }) => ({ pod, there: keys.filter((key) => labels[key] !== undefined) }))
    .filter(({ there }) => there.length > 0)
    .map(({ pod, there }) => `Node ${name}: its label ${there.join(', ')}, because pod ${pod} requires it`)
