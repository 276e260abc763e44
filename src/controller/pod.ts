import type { Condition } from '../api/condition.ts'
import { PROFILE_LABEL } from '../api/names.ts'
import type { ObjectMeta } from '../api/object-meta.ts'
import type { Affinity } from '../api/pod-pin.ts'

/** The part of a core/v1 Pod that the controller keeps in memory. */
export type Pod = {
  apiVersion: 'v1'
  kind: 'Pod'
  metadata: ObjectMeta
  spec: {
    nodeName?: string
    schedulingGates?: { name: string }[]
    affinity?: Affinity
  }
  status?: {
    phase?: string
    /** Only our own conditions are kept, which are complete metav1.Conditions. */
    conditions?: Condition[]
  }
}

/** The profile a pod asks for; an empty label asks for none. */
export const profileOf = (pod: Pod): string | undefined => pod.metadata.labels?.[PROFILE_LABEL] || undefined
