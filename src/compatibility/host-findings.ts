import type { PlanFinding } from '../api/finding.ts'
import type { HostDocument } from '../api/host-document.ts'
import { fromHex64, toHex64 } from '../api/hex64.ts'
import { withoutBits } from '../arm64/bits.ts'
import { firmwareRegisterByName } from '../arm64/firmware-registers.ts'
import { implementationRegisters } from '../arm64/implementation-registers.ts'
import { VCPU_FEATURE_FACTS } from '../arm64/vcpu-feature-table.generated.ts'
import { planFinding } from '../catalogue/plan-reasons.ts'
import { requiredVcpuFeatures } from '../profile/spec/vcpu-policies.ts'
import { compareUntrapped, untrappedUnder } from '../plan/untrapped.ts'
import type { ResolvedPlan } from '../plan/read-plan.ts'
import { canShowImplementation } from './judged-configuration.ts'
import { UNTRAPPED_REASONS } from './untrapped-reasons.ts'

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

const untrappedFindings = (plan: ResolvedPlan, document: HostDocument): readonly PlanFinding[] =>
  compareUntrapped(plan.untrapped, untrappedUnder(plan, document)).flatMap(
    ({ fact, place, is, a: wanted, b: limit = 'unknown' }) => {
      if (wanted === undefined || is === 'equal') return []
      return [planFinding(UNTRAPPED_REASONS[fact][is], { ...place, wanted, limit, writable: false })]
    },
  )

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
  ...untrappedFindings(plan, document),
  ...firmwareFindings(plan, document),
  ...sveFindings(plan, document),
]
