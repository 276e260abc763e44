import type { CpuFeatureProfile } from '../../../api/cpu-feature-profile.ts'
import { whyUnfit } from '../../why-unfit.ts'

/** Why no node fits a compiled profile, class by class. */
export const unfitMessage = ({ metadata, status }: CpuFeatureProfile): string => {
  const head = `no node fits revision ${status?.currentRevision ?? ''} of profile ${metadata.name}`
  if (status?.nodes?.total === 0) return `${head}: no node has reported; is the node-agent running?`
  const why = whyUnfit(status?.classes ?? [])
  return `${head}: ${why === '' ? 'no node has a usable KVM' : why}`
}
