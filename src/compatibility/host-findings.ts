import type { PlanFinding } from '../api/finding.ts'
import type { HostDocument } from '../api/host-document.ts'
import { fromHex64, toHex64 } from '../api/hex64.ts'
import { withoutBits } from '../arm64/bits.ts'
import { firmwareRegisterByName } from '../arm64/firmware-registers.ts'
import { implementationRegisters } from '../arm64/implementation-registers.ts'
import { VCPU_FEATURE_FACTS } from '../arm64/vcpu-feature-table.generated.ts'
import { planFinding } from '../catalogue/plan-reasons.ts'
import { requiredVcpuFeatures } from '../profile/spec/vcpu-policies.ts'
import { TAG_LINE } from '../plan/shown-tag-line.ts'
import type { ResolvedPlan } from '../plan/read-plan.ts'
import { canShowImplementation } from './judged-configuration.ts'
import { plannedTagLine } from './planned-tag-line.ts'

const vcpuFeatureFindings = (plan: ResolvedPlan, document: HostDocument): readonly PlanFinding[] =>
  requiredVcpuFeatures(plan.vcpuFeatures)
    .filter((feature) => !document.vcpuFeatures.includes(feature))
    .map((feature) =>
      planFinding(
        'VcpuFeatureMissing',
        {
          wanted: feature,
          limit: `${VCPU_FEATURE_FACTS[feature].capabilities[0]?.name ?? ''} = 0`,
        },
        feature,
      ),
    )

const implementationFindings = (plan: ResolvedPlan, document: HostDocument): readonly PlanFinding[] => {
  if (canShowImplementation(document)) return []
  return implementationRegisters(document.cpu).flatMap(([register, limit]) => {
    const planned = plan.byName.get(register)
    if (planned?.kind !== 'implementation' || planned.value === fromHex64(limit)) return []
    const said = { register, wanted: toHex64(planned.value), limit }
    return [planFinding('ImplementationIdNotWritable', { ...said, writable: false })]
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

const firmwareFindings = (plan: ResolvedPlan, document: HostDocument): readonly PlanFinding[] =>
  plan.registers
    .filter(({ kind }) => kind === 'firmware')
    .flatMap(({ name: register, value }) => {
      const limit = document.firmwareRegisters[register]
      const wanted = toHex64(value)
      if (limit === undefined) {
        return [planFinding('FirmwareRegisterMissing', { register, wanted, limit: 'absent' })]
      }
      if (!exceeds(register, value, fromHex64(limit))) return []
      return [planFinding('FirmwareLevelTooHigh', { register, wanted, limit, writable: true })]
    })

const frequencyFindings = (wanted: number | undefined, limit: number | undefined): readonly PlanFinding[] => {
  if (wanted === undefined || wanted === limit) return []
  const register = 'CNTFRQ_EL0'
  const said = { register, wanted: `${wanted} Hz`, writable: false }
  if (limit === undefined) {
    return [planFinding('CounterFrequencyUnknown', { ...said, limit: 'unknown' })]
  }
  return [planFinding('CounterFrequencyDiffers', { ...said, limit: `${limit} Hz` })]
}

const zeroBlockFindings = (wanted: string | undefined, limit: string | undefined): readonly PlanFinding[] => {
  if (wanted === undefined) return []
  const said = { register: 'DCZID_EL0', wanted, writable: false }
  if (limit === undefined) {
    return [planFinding('ZeroBlockSizeUnknown', { ...said, limit: 'unknown' })]
  }
  if (fromHex64(wanted) === fromHex64(limit)) return []
  return [
    planFinding('ZeroBlockSizeDiffers', {
      ...said,
      limit,
    }),
  ]
}

const tagLineFindings = (plan: ResolvedPlan, document: HostDocument): readonly PlanFinding[] => {
  const wanted = plan.untrapped.tminLine
  const limit = plannedTagLine(plan, document)
  if (wanted === undefined || wanted === limit) return []
  const said = {
    register: 'CTR_EL0',
    field: TAG_LINE.name,
    wanted: `0x${wanted.toString(16)}`,
    writable: false,
  }
  if (limit === undefined) {
    return [planFinding('TagLineUnknown', { ...said, limit: 'unknown' })]
  }
  return [planFinding('TagLineDiffers', { ...said, limit: `0x${limit.toString(16)}` })]
}

const sveFindings = (
  { sveVectorLengths: wanted }: ResolvedPlan,
  document: HostDocument,
): readonly PlanFinding[] => {
  if (wanted === undefined) return []
  const most = Math.max(0, ...wanted)
  const possible = document.sveVectorLengths.filter((length) => length <= most).sort((a, b) => a - b)
  if (possible.join() === wanted.join()) return []
  return [
    planFinding('SveVectorLengthsDiffer', {
      wanted: wanted.join(', ').slice(0, 64),
      limit: document.sveVectorLengths.join(', ').slice(0, 64),
    }),
  ]
}

/** What of a plan a host cannot give, besides its ID registers. */
export const hostFindings = (plan: ResolvedPlan, document: HostDocument): readonly PlanFinding[] => [
  ...vcpuFeatureFindings(plan, document),
  ...implementationFindings(plan, document),
  ...frequencyFindings(plan.untrapped.counterFrequency, document.counterFrequency),
  ...zeroBlockFindings(plan.untrapped.dczid, document.dczid),
  ...tagLineFindings(plan, document),
  ...firmwareFindings(plan, document),
  ...sveFindings(plan, document),
]
