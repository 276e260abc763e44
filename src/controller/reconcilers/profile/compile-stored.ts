import {
  cpuFeatureProfileSpec,
  type Baseline,
  type CpuFeatureProfile,
} from '../../../api/cpu-feature-profile.ts'
import { unknownKeys } from '../../../api/unknown-keys.ts'
import type { UnreportedNodes } from '../../../profile/baseline/unreported-nodes.ts'
import { compileProfile } from '../../../profile/compile-profile.ts'
import type { CompileResult, NotAccepted } from '../../../profile/compile-result.ts'
import type { HostClassEntry } from '../../host-class-index.ts'
import type { Selection } from '../../selection.ts'

/** What a profile is compiled from. */
export type StoredProfile = {
  readonly profile: CpuFeatureProfile
  readonly classes: readonly HostClassEntry[]
  /** How many nodes the base selects, by class; of meaning for base `nodes` only. */
  readonly selection: Pick<Selection, 'perClass'>
  /** Selected nodes without a report. */
  readonly unreported: UnreportedNodes
  /** The baseline that is kept for the profile. */
  readonly kept: Baseline | undefined
}

const notAccepted = (
  reason: NotAccepted['reason'],
  path: readonly PropertyKey[],
  message: string,
): NotAccepted => ({
  kind: 'not-accepted',
  reason,
  message: `${['spec', ...path].join('.')}: ${message}`,
})

/**
 * Compiles what the API server stored. The CRD has checked it, but the CRD may be older or newer than this controller. A spec with a
 * key that this version does not know is not compiled without it: its VMs would see another CPU than was asked for.
 */
export const compileStored = ({
  profile,
  classes,
  selection,
  unreported,
  kept,
}: StoredProfile): CompileResult => {
  const spec = cpuFeatureProfileSpec.safeParse(profile.spec)
  if (!spec.success) {
    const [issue] = spec.error.issues
    return notAccepted('NotSpecifiable', issue?.path ?? [], issue?.message ?? 'invalid')
  }
  const [unknown] = unknownKeys(profile.spec, spec.data)
  if (unknown !== undefined)
    return notAccepted('UnknownKey', unknown.path, 'this version of the controller does not know the key')
  const hosts = classes.map((one) => {
    const selected = selection.perClass.get(one.class) ?? 0
    return {
      class: one.class,
      host: one.host,
      nodes: selected > 0 ? selected : one.nodes.length,
      selected: selected > 0,
    }
  })
  return compileProfile({
    spec: spec.data,
    hosts,
    unreported,
    ...(kept === undefined ? {} : { previousBaseline: kept }),
  })
}
