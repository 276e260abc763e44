import { baseline, type Baseline } from './cpu-feature-profile.ts'
import type { ObjectMeta } from './object-meta.ts'

/** The spec is the baseline itself, not a status: a backup or `kubectl get -o yaml | kubectl apply` would lose a status. */
export const cpuFeatureProfileBaselineSpec = baseline

/** The baseline of the profile of the same name. No profile owns it, so that it outlives a profile that is deleted and applied again. */
export type CpuFeatureProfileBaseline = {
  apiVersion: string
  kind: 'CpuFeatureProfileBaseline'
  metadata: ObjectMeta
  spec: Baseline
}
