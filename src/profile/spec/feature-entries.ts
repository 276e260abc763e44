import type { CpuFeatureProfileSpec } from '../../api/cpu-feature-profile.ts'
import { featuresBySpelling, nearestFeatureNames } from '../../arm64/feature-spelling.ts'
import { featureSwitch } from '../../arm64/feature-switch.ts'
import { hwcapWithoutFeature } from '../../arm64/hwcap-names.ts'
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

/** `any`: the name says that one of them is there. */
type Names = { readonly kind: 'names'; readonly names: readonly string[]; readonly any: boolean }

const notAccepted = (reason: NotAccepted['reason'], message: string): NotAccepted => ({
  kind: 'not-accepted',
  reason,
  message,
})

/** A switch such as `sve=off` or `nosve` names a state too. */
const unknownName = (name: string, place: string): NotAccepted => {
  const switched = featureSwitch(name)
  const features = (switched && featuresBySpelling(switched.name)?.features) ?? []
  if (switched !== undefined && features.length > 0) {
    const names = features.map((one) => one.name).join(', ')
    const state = switched.on ? 'Required' : 'Disabled'
    return notAccepted('UnknownFeature', `${place}: ${name} is a switch: write ${names} with state ${state}`)
  }
  const nearest = nearestFeatureNames(name).join(', ')
  const hint = nearest === '' ? 'no feature has a similar name' : `the nearest names are ${nearest}`
  return notAccepted('UnknownFeature', `${place}: ${name} is not a known feature; ${hint}`)
}

const namesOf = (name: string, place: string): Names | NotAccepted => {
  const { features, any } = featuresBySpelling(name) ?? { features: [], any: false }
  const hwcap = hwcapWithoutFeature(name)
  if (hwcap !== undefined) return notAccepted('NotSpecifiable', `${place}: ${hwcap}`)
  if (features.length === 0) return unknownName(name, place)
  const visible = features.filter(({ places }) => places.length > 0)
  if (visible.length === 0) {
    return notAccepted(
      'NotSpecifiable',
      `${place}: ${name} shows in no ID register that KVM gives a guest, so a profile cannot specify it`,
    )
  }
  return { kind: 'names', names: visible.map((feature) => feature.name), any }
}

const requiredNames = (name: string, place: string): Names | NotAccepted => {
  const found = namesOf(name, place)
  if (found.kind === 'not-accepted' || !found.any || found.names.length === 1) return found
  return notAccepted(
    'UnknownFeature',
    `${place}: ${name} stands for any of ${found.names.join(', ')}; name the one that you require`,
  )
}

/** Resolves every feature name of a spec, in any spelling, or says which one nobody knows. */
export const featureEntries = (spec: CpuFeatureProfileSpec): FeatureEntries | NotAccepted => {
  const disabled: FeatureEntry[] = []
  const required: FeatureEntry[] = []
  for (const [index, { name, state }] of (spec.features ?? []).entries()) {
    const place = `spec.features[${index}].name`
    const found = state === 'Required' ? requiredNames(name, place) : namesOf(name, place)
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
