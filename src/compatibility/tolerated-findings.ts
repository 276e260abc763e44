import type { PlanFinding, ToleratedDifference } from '../api/finding.ts'
import type { Plan } from '../api/plan.ts'
import { getField, signedValue } from '../arm64/field.ts'
import type { Field } from '../arm64/field.ts'
import { fieldNamed } from '../arm64/register.ts'
import type { PredictionHost } from '../prediction/prediction-host.ts'
import { featuresBetween } from '../arm64/field-features.ts'
import type { PlanReason } from '../plan/finding-reason.ts'
import { isInert } from '../profile/baseline/tolerated-kind.ts'
import { isUnknownToGuests } from '../profile/baseline/unknown-to-guests.ts'
import { requiredVcpuFeatures } from '../profile/spec/vcpu-policies.ts'
import { planBits } from './plan-bits.ts'

const hex = (value: number): string => `0x${value.toString(16)}`

/** Whether a host may show `shown` where `promised` was: more of a surplus, or what a guest cannot tell from it. */
const isKept = (
  plan: Plan,
  { register, kind }: ToleratedDifference,
  field: Field,
  [promised, shown]: readonly [number, number],
): boolean => {
  switch (kind) {
    case 'Named':
      return true
    case 'Surplus':
      return signedValue(field, shown) >= signedValue(field, promised)
    case 'Inert':
      return (
        isUnknownToGuests(register, planBits(plan).get('ID_AA64PFR0_EL1')?.value) ||
        isInert(register, field, [promised, shown], requiredVcpuFeatures(plan.vcpuFeatures))
      )
    default:
      return kind satisfies never
  }
}

const findingOf = (plan: Plan, host: PredictionHost, entry: ToleratedDifference): PlanFinding | undefined => {
  const field = fieldNamed(entry.register, entry.field)
  const limit = host.limitView.get(entry.register)
  if (field === undefined || limit === undefined || entry.value === undefined) return undefined
  const pair = [entry.value, getField(limit, field)] as const
  if (isKept(plan, entry, field, pair)) return undefined
  const features = featuresBetween(entry.register, field.name, pair)
  const surplus = entry.kind === 'Surplus'
  return {
    reason: (surplus ? 'FieldAboveLimit' : 'FieldNotWritable') satisfies PlanReason,
    register: entry.register,
    field: field.name,
    wanted: hex(pair[0]),
    limit: hex(pair[1]),
    writable: false,
    remedy: `leave such hosts out, or take a baseline with such hosts in it${features.length === 0 ? '' : ` and without ${features.join(', ')}`}`,
  }
}

/** The tolerated differences of which a host has less than was promised, or what guests can tell from it. */
export const toleratedFindings = (plan: Plan, host: PredictionHost): readonly PlanFinding[] =>
  plan.tolerated.flatMap((entry) => findingOf(plan, host, entry) ?? [])
