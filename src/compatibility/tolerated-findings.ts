import type { PlanFinding, ToleratedDifference } from '../api/finding.ts'
import { getField, signedValue } from '../arm64/field.ts'
import type { FieldRef } from '../arm64/field-ref.ts'
import type { PredictionHost } from '../prediction/prediction-host.ts'
import { featuresBetween } from '../arm64/field-features.ts'
import { planFinding } from '../catalogue/plan-reasons.ts'
import type { ResolvedPlan, ToleratedField } from '../plan/read-plan.ts'
import { isInert } from '../profile/baseline/tolerated-kind.ts'
import { isUnknownToGuests } from '../profile/baseline/unknown-to-guests.ts'
import { requiredVcpuFeatures } from '../profile/spec/vcpu-policies.ts'

const hex = (value: number): string => `0x${value.toString(16)}`

/** Whether a host may show `shown` where `promised` was: more of a surplus, or what a guest cannot tell from it. */
const isKept = (
  plan: ResolvedPlan,
  kind: ToleratedDifference['kind'],
  ref: FieldRef,
  [promised, shown]: readonly [number, number],
): boolean => {
  switch (kind) {
    case 'Named':
      return true
    case 'Surplus':
      return signedValue(ref.field, shown) >= signedValue(ref.field, promised)
    case 'Inert':
      return (
        isUnknownToGuests(ref.register, plan.byName.get('ID_AA64PFR0_EL1')?.value) ||
        isInert(ref, [promised, shown], requiredVcpuFeatures(plan.vcpuFeatures))
      )
    default:
      return kind satisfies never
  }
}

const findingOf = (
  plan: ResolvedPlan,
  host: PredictionHost,
  { difference: { register, kind, value }, field }: ToleratedField,
): PlanFinding | undefined => {
  const limit = host.limitView.get(register)
  // A register of which the document does not tell is named once, by what the plan says of it.
  if (limit === undefined || value === undefined) return undefined
  const pair = [value, getField(limit, field)] as const
  const ref = { register, field }
  if (isKept(plan, kind, ref, pair)) return undefined
  const features = featuresBetween(ref, pair)
  const unfit = { because: 'promised', features } as const
  const about = {
    register,
    field: field.name,
    wanted: hex(pair[0]),
    limit: hex(pair[1]),
    writable: false,
  }
  return kind === 'Surplus'
    ? planFinding('FieldAboveLimit', about, unfit)
    : planFinding('FieldNotWritable', about, unfit, false)
}

/** The tolerated differences in which a host has less than was promised, or a value that guests can tell apart from it. */
export const toleratedFindings = (plan: ResolvedPlan, host: PredictionHost): readonly PlanFinding[] =>
  plan.tolerated.flatMap((entry) => findingOf(plan, host, entry) ?? [])
