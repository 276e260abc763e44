import { remembered } from '../plan/remembered.ts'
import type { PlanFinding } from '../api/finding.ts'
import { toHex64 } from '../api/hex64.ts'
import { hasBits } from '../arm64/bits.ts'
import { conditionText } from '../arm64/condition-text.ts'
import {
  APPLIED_CONSTRAINTS,
  brokenConstraints,
  registersOfConstraint,
} from '../arm64/feature-constraints.ts'
import type { FeatureConstraint } from '../arm64/feature-row.ts'
import type { GuestView } from '../arm64/register.ts'
import { positiveFeatures } from '../arm64/condition.ts'
import type { PredictionHost } from '../prediction/prediction-host.ts'
import { planFinding } from '../catalogue/plan-reasons.ts'
import { specifiableMask } from '../plan/specifiable.ts'
import type { ResolvedPlan } from '../plan/read-plan.ts'
import { changedRegisters } from './shown-view.ts'

const illegal = ({ given, needs }: FeatureConstraint, changed: ReadonlyMap<string, bigint>): PlanFinding => {
  const [register, value] = [...changed][0] ?? []
  const isOne = changed.size === 1
  return planFinding(
    'IllegalCombination',
    {
      ...(isOne && register !== undefined && { register }),
      wanted: `${conditionText(given)} without ${conditionText(needs)}`.slice(0, 64),
      ...(isOne && value !== undefined && { limit: toHex64(value) }),
    },
    positiveFeatures(given),
  )
}

/**
 * The constraints that a host can break: the plan specifies some bits of their registers and leaves others to the host. Registers that
 * the plan specifies whole were judged when it was compiled. Remembered per plan.
 */
const openConstraints = remembered((plan: ResolvedPlan): readonly FeatureConstraint[] => {
  const isWhole = (name: string): boolean => hasBits(plan.byName.get(name)?.mask ?? 0n, specifiableMask(name))
  const isNamed = (name: string): boolean => (plan.byName.get(name)?.saidBits ?? 0n) !== 0n
  return APPLIED_CONSTRAINTS.filter((constraint) => {
    const registers = registersOfConstraint(constraint)
    return registers.values().some(isNamed) && !registers.values().every(isWhole)
  })
})

/**
 * The combinations that guests of this host would see and that the architecture forbids. A plan that leaves bits to the host (base
 * `host`) can be legal on one host and not on another, and KVM does not check that. Constraints that the host breaks by itself are left
 * alone.
 */
export const legalityFindings = (plan: ResolvedPlan, host: PredictionHost): readonly PlanFinding[] => {
  const open = openConstraints(plan)
  if (open.length === 0) return []
  const changed = changedRegisters(plan, host)
  if (changed.size === 0) return []
  const shown: GuestView = new Map([...host.limitView, ...changed])
  // A constraint on unchanged registers is as legal as the host by itself. A constraint on an unknown register is not known to be broken.
  const concerned = open.filter((constraint) => {
    const registers = registersOfConstraint(constraint)
    const isUntold = host.untold?.registers === true && !registers.values().every((name) => shown.has(name))
    return registers.values().some((name) => changed.has(name)) && !isUntold
  })
  const broken = brokenConstraints(shown, concerned)
  if (broken.length === 0) return []
  const own = new Set(brokenConstraints(host.limitView, broken))
  return broken.filter((constraint) => !own.has(constraint)).map((constraint) => illegal(constraint, changed))
}
