import type { CpuFeatureProfileSpec } from '../../api/cpu-feature-profile.ts'
import { featuresByName, nearestFeatureNames } from '../../arm64/feature-registry.ts'
import type { NotAccepted } from '../compile-result.ts'

/** A feature by Arm's name, and the place in the spec that names it. */
export type FeatureEntry = { readonly name: string; readonly place: string }

/** What `features` and `tolerate.features` say, by Arm's names. */
export type FeatureEntries = {
  readonly kind: 'entries'
  readonly disabled: readonly FeatureEntry[]
  readonly required: readonly FeatureEntry[]
  readonly tolerated: readonly string[]
}

type Names = { readonly kind: 'names'; readonly names: readonly string[] }

const notAccepted = (reason: NotAccepted['reason'], message: string): NotAccepted => ({
  kind: 'not-accepted',
  reason,
  message,
})

const namesOf = (name: string, place: string): Names | NotAccepted => {
  const features = featuresByName(name)
  if (features.length === 0) {
    const nearest = nearestFeatureNames(name).join(', ')
    return notAccepted('UnknownFeature', `${place}: ${name} is no feature; nearest are ${nearest}`)
  }
  const visible = features.filter(({ places }) => places.length > 0)
  if (visible.length === 0) {
    return notAccepted(
      'NotSpecifiable',
      `${place}: ${name} has no ID register that KVM gives a guest, so no profile can say anything of it`,
    )
  }
  return { kind: 'names', names: visible.map((feature) => feature.name) }
}

const oneRequired = (name: string, place: string): Names | NotAccepted => {
  const found = namesOf(name, place)
  if (found.kind === 'not-accepted' || found.names.length === 1) return found
  return notAccepted(
    'UnknownFeature',
    `${place}: ${name} stands for any of ${found.names.join(', ')}; name the one that is required`,
  )
}

/** Resolves every feature name of a spec, HWCAP names included, or says which one nobody knows. */
export const featureEntries = (spec: CpuFeatureProfileSpec): FeatureEntries | NotAccepted => {
  const disabled: FeatureEntry[] = []
  const required: FeatureEntry[] = []
  for (const [index, { name, state }] of (spec.features ?? []).entries()) {
    const place = `spec.features[${index}].name`
    const found = state === 'Required' ? oneRequired(name, place) : namesOf(name, place)
    if (found.kind === 'not-accepted') return found
    const entries = found.names.map((one) => ({ name: one, place }))
    if (state === 'Required') required.push(...entries)
    else disabled.push(...entries)
  }
  const tolerated: string[] = []
  for (const [index, name] of (spec.tolerate?.features ?? []).entries()) {
    const found = namesOf(name, `spec.tolerate.features[${index}]`)
    if (found.kind === 'not-accepted') return found
    tolerated.push(...found.names)
  }
  return { kind: 'entries', disabled, required, tolerated }
}
