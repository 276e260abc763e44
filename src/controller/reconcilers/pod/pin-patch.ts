import { REVISION_ANNOTATION, revisionLabel } from '../../../api/names.ts'
import type { JsonPatchOperation } from '../../../kube/kube-client.ts'
import { gateIndex, requiredTerms, type NodeSelectorTerm } from '../../../api/pod-pin.ts'
import type { Pod } from '../../pod.ts'

const REQUIRED = '/spec/affinity/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution'

/** A key in a path, escaped as in RFC 6901. */
const escaped = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1')

const annotate = (pod: Pod, revision: string): JsonPatchOperation[] =>
  pod.metadata.annotations === undefined
    ? [{ op: 'add', path: '/metadata/annotations', value: { [REVISION_ANNOTATION]: revision } }]
    : [{ op: 'add', path: `/metadata/annotations/${escaped(REVISION_ANNOTATION)}`, value: revision }]

const isEmpty = (term: NodeSelectorTerm): boolean =>
  (term.matchExpressions ?? []).length === 0 && (term.matchFields ?? []).length === 0

/** Adds the requirement to each of the pod's own terms. An empty term matches no node, and the API server allows no addition to it. */
const restrictTerms = (
  terms: readonly NodeSelectorTerm[],
  requirement: { key: string; operator: string },
): JsonPatchOperation[] =>
  terms.flatMap((term, index): JsonPatchOperation[] => {
    const has = term.matchExpressions?.some(
      (one) => one.key === requirement.key && one.operator === requirement.operator,
    )
    if (isEmpty(term) || has === true) return []
    const path = `${REQUIRED}/nodeSelectorTerms/${index}/matchExpressions`
    return term.matchExpressions === undefined
      ? [{ op: 'add', path, value: [requirement] }]
      : [{ op: 'add', path: `${path}/-`, value: requirement }]
  })

/**
 * On a gated pod, the API server only allows tighter required node affinity: a client may set an absent one, and may only add to
 * present terms (kubernetes 1.36 pkg/apis/core/validation, validateNodeAffinityMutation).
 */
const restrict = (pod: Pod, revision: string): JsonPatchOperation[] => {
  const requirement = { key: revisionLabel(revision), operator: 'Exists' }
  const terms = requiredTerms(pod)
  if (terms.length > 0) return restrictTerms(terms, requirement)
  const required = { nodeSelectorTerms: [{ matchExpressions: [requirement] }] }
  const nodeAffinity = { requiredDuringSchedulingIgnoredDuringExecution: required }
  if (pod.spec.affinity === undefined) return [{ op: 'add', path: '/spec/affinity', value: { nodeAffinity } }]
  return pod.spec.affinity.nodeAffinity === undefined
    ? [{ op: 'add', path: '/spec/affinity/nodeAffinity', value: nodeAffinity }]
    : [{ op: 'add', path: REQUIRED, value: required }]
}

/**
 * One JSON Patch that pins a gated pod to a revision and releases it: revision annotation, required node affinity, gate.
 * It tests uid and resourceVersion, so that it applies to exactly the pod that we decided about, or not at all.
 */
export const pinPatch = (pod: Pod, revision: string): JsonPatchOperation[] => [
  { op: 'test', path: '/metadata/uid', value: pod.metadata.uid },
  { op: 'test', path: '/metadata/resourceVersion', value: pod.metadata.resourceVersion },
  ...annotate(pod, revision),
  ...restrict(pod, revision),
  { op: 'remove', path: `/spec/schedulingGates/${gateIndex(pod)}` },
]
