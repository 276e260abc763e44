import type { HostDocument } from '../../api/host-document.ts'
import type { VcpuFeature } from '../../api/vcpu-feature.ts'
import { comparisonsOf } from '../../arm64/condition.ts'
import type { Feature } from '../../arm64/feature-row.ts'
import { hasFeature } from '../../arm64/feature.ts'
import { vcpuFeatureGiving, vcpuFeatureShowing } from '../../arm64/feature-vcpu.ts'
import { hwcapNamesOf } from '../../arm64/hwcap-names.ts'
import { renderFinding } from '../../compatibility/render-finding.ts'
import { verdict } from '../../compatibility/verdict.ts'
import { limitViewOf } from '../../prediction/prediction-host.ts'
import { givesVcpuFeature } from '../../prediction/told-of-host.ts'
import { compileProfile } from '../../profile/compile-profile.ts'

/** What a host has of a feature. */
export type FeatureOnHost =
  /** Every guest has it. `hideable` is undefined if nobody knows; `why` says why it is not, or what is unknown. */
  | { readonly state: 'present'; readonly hideable: boolean | undefined; readonly why: readonly string[] }
  /** Guests of VMs made with these vCPU features have it, and no others. */
  | { readonly state: 'with-vcpu-feature'; readonly vcpuFeatures: readonly VcpuFeature[] }
  | { readonly state: 'absent' }
  | { readonly state: 'unknown'; readonly why: string }

const hasIn = (host: HostDocument, vcpuFeatures: readonly VcpuFeature[], name: string): boolean => {
  const view = limitViewOf(host, { vcpuFeatures, implementationId: false })
  return view !== undefined && hasFeature(view, name)
}

/** The fewest vCPU features with which guests have the feature. */
const fewestWith = (host: HostDocument, name: string): readonly VcpuFeature[] | undefined =>
  host.configurations
    .filter(
      ({ implementationId, vcpuFeatures }) => implementationId !== true && hasIn(host, vcpuFeatures, name),
    )
    .map(({ vcpuFeatures }) => vcpuFeatures)
    .toSorted((a, b) => a.length - b.length)[0]

/** What it needs that the document does not tell; undefined if it tells all. */
const untold = (feature: Feature, host: HostDocument): string | undefined => {
  const giving = vcpuFeatureGiving(feature)
  if (giving !== undefined) {
    const gives = givesVcpuFeature(host, giving)
    if (gives === 'unknown') return `nobody asked whether its KVM gives the vCPU feature ${giving}`
    if (
      gives === 'yes' &&
      limitViewOf(host, { vcpuFeatures: [giving], implementationId: false }) === undefined
    )
      return `the document does not say what guests with the vCPU feature ${giving} see`
    return undefined
  }
  const registers = feature.places
    .filter(({ twin }) => twin !== true)
    .flatMap(({ holds }) => comparisonsOf(holds).map(({ register }) => register))
  const missing = registers.find((name) => host.guestView[name] === undefined)
  return host.registerList !== undefined || missing === undefined
    ? undefined
    : `the document has no ${missing}`
}

/** A HWCAP of the host itself says that the CPU has it. */
const ofHostItself = ({ name }: Feature, { imported }: HostDocument): string => {
  const shown = hwcapNamesOf([name]).filter((one) => imported?.hwcaps?.includes(one))
  return shown.length === 0 ? '' : `; the host itself has it (HWCAP ${shown.join(', ')})`
}

const hiding = (name: string, host: HostDocument): FeatureOnHost => {
  const result = compileProfile({
    spec: { base: { host: {} }, features: [{ name, state: 'Disabled' }], enforcement: 'Strict' },
    hosts: [],
  })
  if (result.kind !== 'compiled') return { state: 'present', hideable: false, why: [result.message] }
  const judged = verdict(result.plan, host)
  if (judged.kind === 'compatible') return { state: 'present', hideable: true, why: [] }
  return {
    state: 'present',
    hideable: judged.kind === 'unknown' ? undefined : false,
    why: judged.findings.map(renderFinding),
  }
}

/** It shows in every guest's ID registers, and only VMs made with its vCPU feature can use it: the exception levels. */
const byVcpuFeatureAlone = (feature: Feature): VcpuFeature | undefined =>
  vcpuFeatureShowing(feature) === undefined ? vcpuFeatureGiving(feature) : undefined

const whereTold = (feature: Feature, host: HostDocument): FeatureOnHost => {
  const level = byVcpuFeatureAlone(feature)
  if (level !== undefined)
    return host.vcpuFeatures.includes(level)
      ? { state: 'with-vcpu-feature', vcpuFeatures: [level] }
      : { state: 'absent' }
  if (hasIn(host, [], feature.name)) return hiding(feature.name, host)
  const vcpuFeatures = fewestWith(host, feature.name)
  return vcpuFeatures === undefined ? { state: 'absent' } : { state: 'with-vcpu-feature', vcpuFeatures }
}

/** What a host has of a feature, as far as its document tells. */
export const featureOnHost = (feature: Feature, host: HostDocument): FeatureOnHost => {
  const why = untold(feature, host)
  return why === undefined
    ? whereTold(feature, host)
    : { state: 'unknown', why: `${why}${ofHostItself(feature, host)}` }
}
