import type { CpuFeatureProfileBaseline } from '../../../api/cpu-feature-profile-baseline.ts'
import type { Baseline, CpuFeatureProfile } from '../../../api/cpu-feature-profile.ts'
import { BASELINES } from '../../../api/resources.ts'
import { unchanged } from '../../../kube/unchanged.ts'

/** What to write to the object that keeps the baseline of a profile. */
export type BaselineWrite =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'create' | 'update'; readonly object: CpuFeatureProfileBaseline }

/**
 * The baseline that is kept for a profile. The object wins over the status: a status may be of before a restore. A profile that an
 * earlier version of ours compiled has only the status.
 */
export const keptBaseline = (
  stored: CpuFeatureProfileBaseline | undefined,
  { status }: CpuFeatureProfile,
): Baseline | undefined => stored?.spec ?? status?.baseline

/**
 * How to keep a baseline. `baseline` is that of the status to write; of a base without one it is undefined, and what is stored stays,
 * for the case that the base changes back.
 */
export const keepBaseline = (
  profile: string,
  stored: CpuFeatureProfileBaseline | undefined,
  baseline: Baseline | undefined,
): BaselineWrite => {
  if (baseline === undefined || unchanged(baseline, stored?.spec)) return { kind: 'nothing' }
  if (stored !== undefined) return { kind: 'update', object: { ...stored, spec: baseline } }
  const { apiVersion } = BASELINES
  const object = {
    apiVersion,
    kind: 'CpuFeatureProfileBaseline',
    metadata: { name: profile },
    spec: baseline,
  } as const
  return { kind: 'create', object }
}
