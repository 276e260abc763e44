import type { VcpuFeature } from '../../api/vcpu-feature.ts'
import { mandatoryFeatures } from '../../arm64/architecture-version.ts'
import type { ArchitectureVersion } from '../../arm64/architecture-version.ts'
import { comparisonsOf, operandField, operandRef } from '../../arm64/condition.ts'
import type { Comparison } from '../../arm64/condition.ts'
import { FEATURES } from '../../arm64/feature-registry.ts'
import type { Feature } from '../../arm64/feature-row.ts'
import { fieldFact } from '../../arm64/field-facts.ts'
import { inertDifference } from '../../arm64/inert-fields.ts'
import { vcpuFeatureOfField } from '../../arm64/vcpu-features.ts'

// AArch64's own fields: hosts without AArch32 show its twins as zero.
const comparisonsOfFeature = ({ places }: Feature): readonly Comparison[] =>
  places.filter(({ twin }) => twin !== true).flatMap(({ holds }) => comparisonsOf(holds))

const everyComparison = (feature: Feature, test: (comparison: Comparison) => boolean): boolean => {
  const comparisons = comparisonsOfFeature(feature)
  return comparisons.length > 0 && comparisons.every(test)
}

const vcpuFeatureOf = (feature: Feature): VcpuFeature | undefined => {
  const [first] = comparisonsOfFeature(feature)
  const name = first && vcpuFeatureOfField(operandRef(first))
  return everyComparison(feature, (one) => vcpuFeatureOfField(operandRef(one)) === name) ? name : undefined
}

/** Whether guests without EL2 can act on no part of a feature. */
const isBehindEl2 = (feature: Feature): boolean =>
  everyComparison(
    feature,
    (one) => inertDifference(operandRef(one), [one.value - 1, one.value]) !== undefined,
  )

const isAboveCap = (comparison: Comparison): boolean => {
  const { value } = comparison
  const [most = value] = fieldFact('shown-at-most', operandRef(comparison))?.values ?? []
  return value > most
}

/** A field without a rule reads as zero: arch/arm64/kernel/cpufeature.c sanitises it away, so KVM has nothing to show. */
const isNeverShown = (feature: Feature): boolean =>
  comparisonsOfFeature(feature).some(
    (comparison) => operandField(comparison).rule === 'None' || isAboveCap(comparison),
  )

// "Floating-point and Advanced SIMD are required in all standard Armv8 implementations" is the sense of Arm ARM, A1.5.
const STANDARD: ReadonlySet<string> = new Set(['FEAT_FP', 'FEAT_AdvSIMD'])

const isOfTheNodes = (feature: Feature): boolean =>
  STANDARD.has(feature.name) ||
  everyComparison(feature, (one) => fieldFact('of-the-host', operandRef(one)) !== undefined)

const isRequired = (feature: VcpuFeature | undefined, required: readonly VcpuFeature[]): boolean =>
  feature !== undefined && required.includes(feature)

/** Why a mandatory feature is left out of the view. */
type WhyLeftOut = 'vcpu-feature' | 'el2' | 'never-shown' | 'no-register'

const whyLeftOut = (feature: Feature, required: readonly VcpuFeature[]): WhyLeftOut | undefined => {
  if (feature.places.length === 0) return 'no-register'
  const vcpuFeature = vcpuFeatureOf(feature)
  if (vcpuFeature !== undefined && !required.includes(vcpuFeature)) return 'vcpu-feature'
  if (isBehindEl2(feature)) return 'el2'
  return isNeverShown(feature) ? 'never-shown' : undefined
}

const SENTENCES: Readonly<Record<WhyLeftOut, string>> = {
  'vcpu-feature': 'come with a vCPU feature that the profile does not require',
  el2: 'act at EL2 only',
  'never-shown': 'are shown to no guest by KVM',
  'no-register': 'have no ID register that KVM gives a guest',
}

/** What a version is in the guests of a profile. */
export type ArchitectureFeatures = {
  /** The features that guests must see, by name. */
  readonly mandatory: readonly string[]
  /** The features beyond the version, which guests should not see, by name. */
  readonly beyond: readonly string[]
  /** The features that come with the required vCPU features, by name. */
  readonly brought: readonly string[]
  /** Which mandatory features are left out and why: one sentence per reason. */
  readonly notes: readonly string[]
}

/**
 * The features of an architecture version, for VMs with these vCPU features. In neither list: what is left out, what acts at EL2
 * only, what a required vCPU feature brings, and what the nodes decide.
 */
export const architectureFeatures = (
  version: ArchitectureVersion,
  name: string,
  required: readonly VcpuFeature[],
): ArchitectureFeatures => {
  const features = mandatoryFeatures(version)
  const names = new Set(features.map((feature) => feature.name))
  const reasons = Map.groupBy(features, (feature) => whyLeftOut(feature, required))
  const isBrought = (feature: Feature): boolean => isRequired(vcpuFeatureOf(feature), required)
  const isExtension = (feature: Feature): boolean =>
    !isOfTheNodes(feature) && !isBehindEl2(feature) && !isBrought(feature)
  return {
    mandatory: (reasons.get(undefined) ?? []).map((feature) => feature.name),
    beyond: FEATURES.filter((feature) => !names.has(feature.name) && isExtension(feature)).map(
      (feature) => feature.name,
    ),
    brought: FEATURES.filter(isBrought).map((feature) => feature.name),
    notes: Object.entries(SENTENCES).flatMap(([why, sentence]) => {
      // Every guest has EL0 and EL1, whichever register says so.
      const left = (reasons.get(why as WhyLeftOut) ?? []).filter((one) => !/^FEAT_EL\d$/.test(one.name))
      const list = left.map((feature) => feature.name).join(', ')
      return list === '' ? [] : [`left out of ${name}, because they ${sentence}: ${list}`]
    }),
  }
}
