import { NO_REVISION, PROFILE_GATE, REVISION_ANNOTATION, REVISION_LABEL_PREFIX } from './names.ts'

/** core/v1 NodeSelectorRequirement. */
export type NodeSelectorRequirement = {
  key: string
  operator: string
  values?: string[]
}

/** core/v1 NodeSelectorTerm: its requirements are ANDed; one without any matches no node. */
export type NodeSelectorTerm = {
  matchExpressions?: NodeSelectorRequirement[]
  matchFields?: NodeSelectorRequirement[]
}

/** core/v1 Affinity, as far as a pin touches it. */
export type Affinity = {
  nodeAffinity?: {
    requiredDuringSchedulingIgnoredDuringExecution?: { nodeSelectorTerms: NodeSelectorTerm[] }
  }
}

/** The part of a core/v1 Pod that says whether it is pinned. */
export type PinnedPod = {
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>> | undefined }
  readonly spec: { schedulingGates?: { name: string }[]; affinity?: Affinity }
  readonly status?: { phase?: string }
}

/** The index of our gate in spec.schedulingGates; -1 if it is absent. */
export const gateIndex = ({ spec }: PinnedPod): number =>
  (spec.schedulingGates ?? []).findIndex((gate) => gate.name === PROFILE_GATE)

/** Whether all its containers have ended for good, so that it no longer needs its node. */
export const isFinished = ({ status }: PinnedPod): boolean =>
  status?.phase === 'Succeeded' || status?.phase === 'Failed'

/** Selects the pods that {@link isFinished} would not call finished, at the API server. */
export const UNFINISHED_PODS = 'status.phase!=Succeeded,status.phase!=Failed'

/** A pod's own required node selector terms. */
export const requiredTerms = ({ spec }: PinnedPod): readonly NodeSelectorTerm[] =>
  spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? []

/**
 * The revisions to which a pod is pinned: the one in its annotation, and those in its required affinity, because the kubelet
 * checks that again when it restarts. A gated or finished pod is pinned to none.
 */
export const pinnedRevisions = (pod: PinnedPod): readonly string[] => {
  if (gateIndex(pod) >= 0 || isFinished(pod)) return []
  const required = requiredTerms(pod)
    .flatMap((term) => term.matchExpressions ?? [])
    .filter((one) => one.key.startsWith(REVISION_LABEL_PREFIX))
    .map((one) => one.key.slice(REVISION_LABEL_PREFIX.length))
  const annotated = pod.metadata.annotations?.[REVISION_ANNOTATION]
  const named = annotated === undefined || annotated === NO_REVISION ? [] : [annotated]
  return [...new Set([...named, ...required])]
}
