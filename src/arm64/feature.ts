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

/** Answers for the FEAT_ names that a condition mentions. */
type Has = (featureName: string) => boolean

const saying = (view: GuestView, { places }: Feature, has: Has): readonly FeaturePlace[] =>
  places.filter(
    (place) => knows(view, place) && (place.when === undefined || conditionHolds(place.when, view, has)),
  )

/** The places of a feature that say something in this view: its registers are known and its `when` holds. */
export const placesInView = (view: GuestView, feature: Feature): readonly FeaturePlace[] =>
  saying(view, feature, (name) => hasFeature(view, name))

const decides = (view: GuestView, name: string, has: Has): boolean => {
  const feature = featureByName(name)
  if (feature === undefined) return false
  const places = saying(view, feature, has)
  const native = places.filter(({ twin }) => twin !== true)
  const decisive = native.length > 0 ? native : places
  return decisive.length > 0 && decisive.every(({ holds }) => conditionHolds(holds, view, has))
}

/** {@link hasFeature} of one view that is asked for many names: each is decided once, with those that it depends on. */
export const featuresIn = (view: GuestView): Has => {
  const decided = new Map<string, boolean>()
  const has: Has = (name) => {
    const known = decided.get(name) ?? decides(view, name, has)
    decided.set(name, known)
    return known
  }
  return has
}

/**
 * Whether a guest with this view has the feature: it holds in every place that decides and says something, and at least one
 * does. AArch32 twins decide only if the feature shows nowhere else. No guest has a feature without an ID register.
 */
export const hasFeature = (view: GuestView, name: string): boolean =>
  decides(view, name, (other) => hasFeature(view, other))

/** The FEAT_ names a guest with this view has, sorted. */
export const featuresOf = (view: GuestView): readonly string[] => {
  const has = featuresIn(view)
  return FEATURES.map(({ name }) => name).filter(has)
}

/** The HWCAPs Linux shows in such a guest, in the order of their bits; evtstrm and cpuid are not CPU features and are left out. */
export const hwcapsOf = (view: GuestView): readonly Hwcap[] => {
  const has = featuresIn(view)
  return HWCAP_TABLE.filter(({ condition }) => condition && conditionHolds(condition, view, has))
}
