import type { NodeCpuFeaturesStatus, RefusedRevision } from '../../api/node-cpu-features.ts'
import type { TrialFindings } from './trial-findings.ts'

/** The refusals that a report did not have before it was written, for an Event about each. */
export const newRefusals = (
  trials: TrialFindings | undefined,
  before: NodeCpuFeaturesStatus | undefined,
): readonly RefusedRevision[] => {
  const known = new Set(before?.refusedRevisions?.map(({ revision }) => revision))
  return (trials?.refused ?? []).filter(({ revision }) => !known.has(revision))
}
