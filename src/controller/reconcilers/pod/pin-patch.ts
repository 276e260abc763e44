import { isDeepStrictEqual } from 'node:util'
import { CLASS_LABEL, NO_REVISION, REVISION_ANNOTATION, revisionLabel } from '../../../api/names.ts'
import type { JsonPatchOperation } from '../../../kube/kube-client.ts'
import {
  gateIndex,
  requiredTerms,
  type NodeSelectorRequirement,
  type NodeSelectorTerm,
} from '../../../api/pod-pin.ts'
import type { Pod } from '../../pod.ts'

/** To what a pod is pinned. */
export type Pin = {
  /** Or `none`, for the target of a migration whose VM has none. */
  readonly revision: string
  /** Host classes that its VM cannot reach from where it runs. */
  readonly outOfReach: readonly string[]
}

const REQUIRED = '/spec/affinity/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution'

/** A key in a path, escaped as in RFC 6901. */
const escaped = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1')

const annotate = (pod: Pod, revision: string): JsonPatchOperation[] =>
  pod.metadata.annotations === undefined
    ? [{ op: 'add', path: '/metadata/annotations', value: { [REVISION_ANNOTATION]: revision } }]
    : [{ op: 'add', path: `/metadata/annotations/${escaped(REVISION_ANNOTATION)}`, value: revision }]

const isEmpty = (term: NodeSelectorTerm): boolean =>
  (term.matchExpressions ?? []).length === 0 && (term.matchFields ?? []).length === 0

/** What a pin requires of a node: that it fits the revision, and is of no host class that its VM cannot reach. */
const requirements = ({ revision, outOfReach }: Pin): NodeSelectorRequirement[] => [
  ...(revision === NO_REVISION ? [] : [{ key: revisionLabel(revision), operator: 'Exists' }]),
  // What is out of reach and not what is in reach: the kubelet checks it again when it restarts, and a class may have another name then.
  ...(outOfReach.length === 0 ? [] : [{ key: CLASS_LABEL, operator: 'NotIn', values: [...outOfReach] }]),
]

/** Adds requirements to each of the pod's own terms. An empty term matches no node, and the API server allows no addition to it. */
const restrictTerms = (
  terms: readonly NodeSelectorTerm[],
  required: readonly NodeSelectorRequirement[],
): JsonPatchOperation[] =>
  terms.flatMap((term, index): JsonPatchOperation[] => {
    const present = term.matchExpressions ?? []
    const missing = required.filter((wanted) => !present.some((one) => isDeepStrictEqual(one, wanted)))
    if (isEmpty(term) || missing.length === 0) return []
    const path = `${REQUIRED}/nodeSelectorTerms/${index}/matchExpressions`
    return term.matchExpressions === undefined
      ? [{ op: 'add', path, value: missing }]
      : missing.map((value) => ({ op: 'add', path: `${path}/-`, value }))
  })

/**
 * On a gated pod, the API server only allows tighter required node affinity: a client may set an absent one, and may only add to
 * present terms (kubernetes 1.36 pkg/apis/core/validation, validateNodeAffinityMutation).
 */
const restrict = (pod: Pod, matchExpressions: readonly NodeSelectorRequirement[]): JsonPatchOperation[] => {
  if (matchExpressions.length === 0) return []
  const terms = requiredTerms(pod)
  if (terms.length > 0) return restrictTerms(terms, matchExpressions)
  const required = { nodeSelectorTerms: [{ matchExpressions }] }
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
export const pinPatch = (pod: Pod, pin: Pin): JsonPatchOperation[] => [
  { op: 'test', path: '/metadata/uid', value: pod.metadata.uid },
  { op: 'test', path: '/metadata/resourceVersion', value: pod.metadata.resourceVersion },
  ...annotate(pod, pin.revision),
  ...restrict(pod, requirements(pin)),
  { op: 'remove', path: `/spec/schedulingGates/${gateIndex(pod)}` },
]
