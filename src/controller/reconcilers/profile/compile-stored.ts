import { cpuFeatureProfileSpec, type CpuFeatureProfile } from '../../../api/cpu-feature-profile.ts'
import { compileProfile } from '../../../profile/compile-profile.ts'
import type { CompileResult } from '../../../profile/compile-result.ts'
import type { HostClassEntry } from '../../host-class-index.ts'
import type { Selection } from '../../selection.ts'

/** What a profile is compiled from. */
export type StoredProfile = {
  readonly profile: CpuFeatureProfile
  readonly classes: readonly HostClassEntry[]
  /** Which nodes the base selects; of meaning for base `nodes` only. */
  readonly selection: Selection
}

/** Compiles what the API server stored. The CRD has checked it; one stored before a change of the CRD may still not fit. */
export const compileStored = ({ profile, classes, selection }: StoredProfile): CompileResult => {
  const spec = cpuFeatureProfileSpec.safeParse(profile.spec)
  if (!spec.success) {
    const [issue] = spec.error.issues
    const place = ['spec', ...(issue?.path ?? [])].join('.')
    return {
      kind: 'not-accepted',
      reason: 'NotSpecifiable',
      message: `${place}: ${issue?.message ?? 'invalid'}`,
    }
  }
  const hosts = classes.map((one) => {
    const selected = selection.perClass.get(one.class) ?? 0
    return {
      class: one.class,
      host: one.host,
      nodes: selected > 0 ? selected : one.nodes.length,
      selected: selected > 0,
    }
  })
  const baseline = profile.status?.baseline
  return compileProfile({
    spec: spec.data,
    hosts,
    unreported: selection.unreported,
    ...(baseline === undefined ? {} : { previousBaseline: baseline }),
  })
}
