import type { VcpuFeature } from '../api/vcpu-feature.ts'
import { comparisonsOf, operandRef } from './condition.ts'
import type { Feature } from './feature-row.ts'
import { vcpuFeatureOfField } from './vcpu-features.ts'

/** The vCPU feature without which no guest's ID registers show the feature; undefined if a plain vCPU can show it. */
export const vcpuFeatureShowing = ({ places }: Feature): VcpuFeature | undefined => {
  const shows = places.filter(({ twin }) => twin !== true).flatMap(({ holds }) => comparisonsOf(holds))
  const needs = new Set(shows.map((shown) => vcpuFeatureOfField(operandRef(shown))))
  const [only] = needs
  return needs.size === 1 ? only : undefined
}

// ID_AA64PFR0_EL1 shows the host's exception levels to every guest; a guest can only use those that its vCPU was made with.
const OF_EXCEPTION_LEVELS: Readonly<Record<string, VcpuFeature>> = {
  FEAT_AA64EL2: 'el2',
  FEAT_EL2: 'el2',
  FEAT_AA32EL1: 'el1_32bit',
}

// Every guest of a VM with the vCPU feature has these. What else comes with it depends on the CPU.
const ALWAYS_GIVEN = new Set(['FEAT_SVE', 'FEAT_PAuth', 'FEAT_PMUv3', 'FEAT_MTE', 'FEAT_MTE2'])

/** The vCPU feature that says the same of a guest as the feature: with it, every guest has the feature, and without it none. */
export const vcpuFeatureEqualTo = (feature: Feature): VcpuFeature | undefined =>
  OF_EXCEPTION_LEVELS[feature.name] ??
  (ALWAYS_GIVEN.has(feature.name) ? vcpuFeatureShowing(feature) : undefined)

/** The vCPU feature that a VM must be made with for its guest to have the feature. */
export const vcpuFeatureGiving = (feature: Feature): VcpuFeature | undefined =>
  OF_EXCEPTION_LEVELS[feature.name] ?? vcpuFeatureShowing(feature)
