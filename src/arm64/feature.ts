import { conditionHolds, comparisonsOf } from './condition.ts'
import { FEATURES, featureByName } from './feature-registry.ts'
import { HWCAP_TABLE } from './hwcap-table.generated.ts'
import type { Feature, FeaturePlace, Hwcap } from './feature-row.ts'
import type { GuestView } from './register.ts'

const registersOf = new WeakMap<FeaturePlace, readonly string[]>()

const knows = (view: GuestView, place: FeaturePlace): boolean => {
  const registers = registersOf.get(place) ?? comparisonsOf(place.holds).map(({ register }) => register)
  registersOf.set(place, registers)
  return registers.every((register) => view.has(register))
}

/** The places of a feature that say something in this view: its registers are known and its `when` holds. */
export const placesInView = (view: GuestView, feature: Feature): readonly FeaturePlace[] =>
  feature.places.filter(
    (place) =>
      knows(view, place) &&
      (place.when === undefined || conditionHolds(place.when, view, (name) => hasFeature(view, name))),
  )

/**
 * Whether a guest with this view has the feature: it holds in every place that decides and says something, and at least one
 * does. AArch32 twins decide only if the feature shows nowhere else. No guest has a feature without an ID register.
 */
export const hasFeature = (view: GuestView, name: string): boolean => {
  const feature = featureByName(name)
  if (feature === undefined) return false
  const places = placesInView(view, feature)
  const native = places.filter(({ twin }) => twin !== true)
  const decisive = native.length > 0 ? native : places
  return (
    decisive.length > 0 &&
    decisive.every(({ holds }) => conditionHolds(holds, view, (other) => hasFeature(view, other)))
  )
}

/** The FEAT_ names a guest with this view has, sorted. */
export const featuresOf = (view: GuestView): readonly string[] =>
  FEATURES.filter(({ name }) => hasFeature(view, name)).map(({ name }) => name)

/** The HWCAPs Linux shows in such a guest, in the order of their bits; evtstrm and cpuid are not CPU features and are left out. */
export const hwcapsOf = (view: GuestView): readonly Hwcap[] =>
  HWCAP_TABLE.filter(
    ({ condition }) => condition && conditionHolds(condition, view, (name) => hasFeature(view, name)),
  )
