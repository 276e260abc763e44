import type { ObjectMeta } from './object-meta.ts'
import { plan, type Plan } from './plan.ts'

/** The spec of a revision is the plan. The API server refuses any change to it. */
export const cpuFeatureProfileRevisionSpec = plan.meta({
  'x-kubernetes-validations': [
    { rule: 'self == oldSelf', message: 'a revision is immutable; change the profile instead' },
  ],
})

export type CpuFeatureProfileRevision = {
  apiVersion: string
  kind: 'CpuFeatureProfileRevision'
  metadata: ObjectMeta
  spec: Plan
}
