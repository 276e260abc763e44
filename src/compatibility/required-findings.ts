import type { PlanFinding } from '../api/finding.ts'
import { operandField } from '../arm64/condition.ts'
import { getField } from '../arm64/field.ts'
import { registersOfCondition } from '../arm64/registers-of-condition.ts'
import { requireFeature } from '../arm64/require-feature.ts'
import type { GuestView } from '../arm64/register.ts'
import type { PredictionHost } from '../prediction/prediction-host.ts'
import { planFinding } from '../catalogue/plan-reasons.ts'
import type { ResolvedPlan } from '../plan/read-plan.ts'
import { shownView } from './shown-view.ts'

const isUntold = (name: string, view: GuestView, { untold }: PredictionHost): boolean =>
  untold?.registers === true &&
  registersOfCondition({ kind: 'feature', name }).some((register) => !view.has(register))

const missing = (view: GuestView, name: string, host: PredictionHost): readonly PlanFinding[] => {
  const required = requireFeature(view, name)
  if (required.kind === 'present') return []
  if (isUntold(name, view, host))
    return [planFinding('RequiredFeatureUnknown', { wanted: name, limit: 'unknown' })]
  const [first] = required.comparisons.filter(({ register }) => view.has(register))
  const field = first && operandField(first)
  const shown = first && field && getField(view.get(first.register) ?? 0n, field)
  return [
    planFinding(
      'RequiredFeatureMissing',
      {
        ...(first && field && { register: first.register, field: field.name }),
        wanted: name,
        limit:
          shown === undefined
            ? 'this host shows no such register'
            : `this host shows 0x${shown.toString(16)}`,
      },
      { by: 'host', feature: name },
    ),
  ]
}

/** The features that the plan requires and a guest of this host would not see. */
export const requiredFindings = (plan: ResolvedPlan, host: PredictionHost): readonly PlanFinding[] => {
  const { requiredFeatures } = plan
  if (requiredFeatures.length === 0) return []
  const view = shownView(plan, host)
  return requiredFeatures.flatMap((name) => missing(view, name, host))
}
