import type { LaunchRefusal } from '../../api/finding.ts'
import { hasFeature } from '../../arm64/feature.ts'
import type { RegisterRead } from './decide-writes.ts'
import type { LaunchPolicy } from './launch-policy.ts'
import { refusal } from '../../catalogue/refusal-reasons.ts'

/** The required features that a vCPU does not show, from its reads (in the order of the policy's registers) and what was kept. */
export const missingFeatures = (
  { registers, requiredFeatures }: Pick<LaunchPolicy, 'registers' | 'requiredFeatures'>,
  reads: readonly RegisterRead[],
  kept: ReadonlyMap<string, bigint>,
): LaunchRefusal[] => {
  const read = registers.flatMap(({ name }, index): [string, bigint][] => {
    const value = reads[index]?.value
    return value === undefined ? [] : [[name, value]]
  })
  const view = new Map([...read, ...kept])
  return requiredFeatures
    .filter((name) => !hasFeature(view, name))
    .map((name) => refusal({ reason: 'FeatureMissing', feature: name }))
}
