import type { Plan } from '../api/plan.ts'
import { VCPU_FEATURES } from '../api/vcpu-feature-policy.ts'
import { fieldMask } from '../arm64/field.ts'
import { underCeilings } from '../arm64/field-ceiling.ts'
import type { GuestView } from '../arm64/register.ts'
import type { PredictionHost } from '../prediction/prediction-host.ts'
import { bitsOfVcpuFeature } from './judged-configuration.ts'
import { NOTHING_PLANNED, planBits } from './plan-bits.ts'

/** The bits that no launch on this host writes: fields of vCPU features left to the VMM that the host has not. */
const unwrittenBits = (plan: Plan, host: PredictionHost, register: string): bigint =>
  VCPU_FEATURES.filter(
    (feature) =>
      (plan.vcpuFeatures[feature] ?? 'Allowed') === 'Allowed' && !host.vcpuFeatures.includes(feature),
  ).reduce((bits, feature) => bits | bitsOfVcpuFeature(feature, register), 0n)

/** What a register of `limit` shows once a launch under this plan has written what it says of it. */
export const plannedValue = (plan: Plan, host: PredictionHost, name: string, limit: bigint): bigint => {
  const { mask: specified, value, ceilings } = planBits(plan).get(name) ?? NOTHING_PLANNED
  const unwritten = unwrittenBits(plan, host, name)
  const mask = specified & ~unwritten
  const written = ceilings.filter(({ field }) => (fieldMask(field) & unwritten) === 0n)
  return underCeilings((limit & ~mask) | (value & mask), written)
}

/** What a guest of this host sees under the plan, as far as it is not what the host shows by itself: by register. */
export const changedRegisters = (plan: Plan, host: PredictionHost): ReadonlyMap<string, bigint> =>
  new Map(
    [...planBits(plan).keys()].flatMap((name) => {
      const limit = host.limitView.get(name)
      if (limit === undefined) return []
      const shown = plannedValue(plan, host, name, limit)
      return shown === limit ? [] : [[name, shown] as const]
    }),
  )

/** What a guest of this host sees under the plan. */
export const shownView = (plan: Plan, host: PredictionHost): GuestView =>
  new Map([...host.limitView, ...changedRegisters(plan, host)])
