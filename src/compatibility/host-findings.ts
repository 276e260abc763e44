import type { PlanFinding } from '../api/finding.ts'
import type { HostDocument } from '../api/host-document.ts'
import { fromHex64, toHex64 } from '../api/hex64.ts'
import { withoutBits } from '../arm64/bits.ts'
import type { VcpuFeature } from '../api/vcpu-feature.ts'
import { firmwareRegisterByName } from '../arm64/firmware-registers.ts'
import { implementationRegisters } from '../arm64/implementation-registers.ts'
import { VCPU_FEATURE_FACTS } from '../arm64/vcpu-feature-table.generated.ts'
import { planFinding } from '../catalogue/plan-reasons.ts'
import { requiredVcpuFeatures } from '../profile/spec/vcpu-policies.ts'
import { missingRegisters } from '../plan/level.ts'
import { IMPLEMENTATION_ID_REGISTERS } from '../plan/specifiable.ts'
import { compareUntrapped, untrappedUnder } from '../plan/untrapped.ts'
import {
  givesVcpuFeature,
  isKernelTooOld,
  showsOtherImplementation,
  toldSveLengths,
} from '../prediction/told-of-host.ts'
import type { ResolvedPlan } from '../plan/read-plan.ts'
import { UNTRAPPED_REASONS } from './untrapped-reasons.ts'

const vcpuFeatureFinding = (feature: VcpuFeature, document: HostDocument): readonly PlanFinding[] => {
  const gives = givesVcpuFeature(document, feature)
  switch (gives) {
    case 'yes':
      return []
    case 'no': {
      const limit = `${VCPU_FEATURE_FACTS[feature].capabilities[0]?.name ?? ''} = 0`
      return [planFinding('VcpuFeatureMissing', { wanted: feature, limit }, feature)]
    }
    case 'unknown':
      return [planFinding('VcpuFeatureUnknown', { wanted: feature, limit: 'unknown' }, feature)]
    default:
      return gives satisfies never
  }
}

/** Findings for the features that the plan requires, and for unknown ones that it leaves to the VMM and says something of. */
const vcpuFeatureFindings = (plan: ResolvedPlan, document: HostDocument): readonly PlanFinding[] => [
  ...requiredVcpuFeatures(plan.vcpuFeatures).flatMap((feature) => vcpuFeatureFinding(feature, document)),
  ...plan.optionalFeatures
    .filter((feature) => givesVcpuFeature(document, feature) === 'unknown')
    .flatMap((feature) => vcpuFeatureFinding(feature, document)),
]

const kernelFindings = (document: HostDocument): readonly PlanFinding[] =>
  isKernelTooOld(document)
    ? [
        planFinding('KernelTooOld', {
          wanted: 'Linux 6.7',
          limit: `Linux ${document.kernel.release}`.slice(0, 64),
        }),
      ]
    : []

const implementationFindings = (plan: ResolvedPlan, document: HostDocument): readonly PlanFinding[] => {
  const canShow = showsOtherImplementation(document)
  if (canShow === 'yes') return []
  const own = new Map(implementationRegisters(document.cpu))
  return [...IMPLEMENTATION_ID_REGISTERS].flatMap((register) => {
    const [planned, limit] = [plan.byName.get(register), own.get(register)]
    if (planned?.kind !== 'implementation') return []
    const { value } = planned
    if (limit !== undefined && value === fromHex64(limit)) return []
    const said = { register, wanted: toHex64(value) }
    return canShow === 'unknown' || limit === undefined
      ? [planFinding('ImplementationIdUnknown', { ...said, limit: limit ?? 'unknown' })]
      : [planFinding('ImplementationIdNotWritable', { ...said, limit, writable: false })]
  })
}

const exceeds = (name: string, wanted: bigint, limit: bigint): boolean => {
  const rule = firmwareRegisterByName(name)?.rule ?? 'Fixed'
  switch (rule) {
    case 'Minimum':
      return wanted > limit
    case 'And':
      return withoutBits(wanted, limit) !== 0n
    case 'Fixed':
      return wanted !== limit
    default:
      return rule satisfies never
  }
}

const firmwareFindings = (plan: ResolvedPlan, document: HostDocument): readonly PlanFinding[] => {
  const planned = plan.registers.filter(({ kind }) => kind === 'firmware')
  const shown = new Map(
    Object.entries(document.firmwareRegisters).map(([name, value]) => [name, fromHex64(value)]),
  )
  const isTold = document.registerList !== undefined
  const missing = new Set(missingRegisters(planned, shown))
  return planned.flatMap((one) => {
    const { name: register, value } = one
    const [wanted, limit] = [toHex64(value), shown.get(register)]
    if (limit === undefined && !isTold)
      return [planFinding('FirmwareRegisterUnknown', { register, wanted, limit: 'unknown' })]
    if (missing.has(one))
      return [planFinding('FirmwareRegisterMissing', { register, wanted, limit: 'absent' })]
    if (limit === undefined || !exceeds(register, value, limit)) return []
    return [planFinding('FirmwareLevelTooHigh', { register, wanted, limit: toHex64(limit), writable: true })]
  })
}

const untrappedFindings = (plan: ResolvedPlan, document: HostDocument): readonly PlanFinding[] =>
  compareUntrapped(plan.untrapped, untrappedUnder(plan, document)).flatMap(
    ({ fact, place, is, a: wanted, b: limit = 'unknown' }) => {
      if (wanted === undefined || is === 'equal') return []
      return [planFinding(UNTRAPPED_REASONS[fact][is], { ...place, wanted, limit, writable: false })]
    },
  )

const MOST_CHARACTERS = 64

/** SVE vector lengths in as much text as a finding may have. */
const lengthsText = (lengths: readonly number[]): string => {
  const text = lengths.join(', ')
  if (text.length <= MOST_CHARACTERS) return text
  const whole = text.slice(0, text.lastIndexOf(',', MOST_CHARACTERS - ', …'.length))
  return `${whole}, …`
}

const sveFindings = (
  { sveVectorLengths: wanted }: ResolvedPlan,
  document: HostDocument,
): readonly PlanFinding[] => {
  if (wanted === undefined) return []
  const said = { wanted: lengthsText(wanted) }
  const lengths = toldSveLengths(document)
  if (lengths === undefined) return [planFinding('SveVectorLengthsUnknown', { ...said, limit: 'unknown' })]
  const most = Math.max(0, ...wanted)
  if (lengths.filter((length) => length <= most).join() === wanted.join()) return []
  return [planFinding('SveVectorLengthsDiffer', { ...said, limit: lengthsText(lengths) })]
}

/** What a plan wants and a host cannot give, apart from ID registers. */
export const hostFindings = (plan: ResolvedPlan, document: HostDocument): readonly PlanFinding[] => [
  ...kernelFindings(document),
  ...vcpuFeatureFindings(plan, document),
  ...implementationFindings(plan, document),
  ...untrappedFindings(plan, document),
  ...firmwareFindings(plan, document),
  ...sveFindings(plan, document),
]
