import {
  POD_APPLIED_CONDITION,
  POD_SCHEDULABLE_CONDITION,
  PROFILE_LABEL,
  REVISION_ANNOTATION,
} from '../api/names.ts'
import type { ObjectMeta } from '../api/object-meta.ts'
import { requiredTerms } from '../api/pod-pin.ts'
import { CREATED_BY_LABEL, MIGRATION_LABEL, MIGRATION_NAME_ANNOTATION } from './migration/migration-claim.ts'
import type { Pod } from './pod.ts'

/** What the controller writes itself, and what a node-agent writes. */
const OUR_CONDITIONS = new Set([POD_SCHEDULABLE_CONDITION, POD_APPLIED_CONDITION])

const LABELS = [PROFILE_LABEL, CREATED_BY_LABEL, MIGRATION_LABEL]
const ANNOTATIONS = [REVISION_ANNOTATION, MIGRATION_NAME_ANNOTATION]

const pick = <V>(record: Readonly<Record<string, V>> = {}, keys: readonly string[]): Record<string, V> =>
  Object.fromEntries(Object.entries(record).filter(([key]) => keys.includes(key)))

const metadata = (pod: Pod): ObjectMeta => {
  const { name, namespace, uid, resourceVersion, deletionTimestamp, labels, annotations } = pod.metadata
  const owner = pod.metadata.ownerReferences?.find(({ controller }) => controller === true)
  return {
    name,
    ...(namespace === undefined ? {} : { namespace }),
    ...(uid === undefined ? {} : { uid }),
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
    ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }),
    labels: pick(labels, LABELS),
    // A JSON Patch can only add to a map that exists, so an empty map differs from none.
    ...(annotations === undefined ? {} : { annotations: pick(annotations, ANNOTATIONS) }),
    ...(owner === undefined ? {} : { ownerReferences: [owner] }),
  }
}

const spec = (pod: Pod): Pod['spec'] => {
  const { nodeName, schedulingGates, affinity } = pod.spec
  return {
    ...(nodeName === undefined ? {} : { nodeName }),
    ...(schedulingGates === undefined ? {} : { schedulingGates }),
    ...(affinity === undefined ? {} : { affinity: keptAffinity(pod, affinity) }),
  }
}

/** Keeps only the part of the affinity to which a pin adds, because pod affinities can be large. It still shows which maps exist. */
const keptAffinity = (pod: Pod, affinity: NonNullable<Pod['spec']['affinity']>) => {
  if (affinity.nodeAffinity === undefined) return {}
  const terms = requiredTerms(pod)
  return {
    nodeAffinity:
      terms.length === 0
        ? {}
        : { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [...terms] } },
  }
}

/** Keeps only what the controller reads of a watched pod, because a fleet has many pods with large specs. */
export const podInMemory = (pod: Pod): Pod => {
  const ours = pod.status?.conditions?.filter(({ type }) => OUR_CONDITIONS.has(type)) ?? []
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: metadata(pod),
    spec: spec(pod),
    status: {
      ...(pod.status?.phase === undefined ? {} : { phase: pod.status.phase }),
      conditions: ours,
    },
  }
}
