import type { PlanFinding } from '../api/finding.ts'
import { plan as planSchema, type Plan } from '../api/plan.ts'
import { unknownKeys } from '../api/unknown-keys.ts'
import { planFinding } from '../catalogue/plan-reasons.ts'
import { isAltered } from '../plan/revision-name.ts'
import { shortHash } from '../plan/short-hash.ts'

/** The places of a stored plan that this version does not understand, because a newer one has compiled it. */
export const unknownInPlan = (plan: Plan): readonly string[] => {
  const parsed = planSchema.safeParse(plan)
  const places = parsed.success ? unknownKeys(plan, parsed.data) : parsed.error.issues
  return places.map(({ path }) => ['spec', ...path].join('.'))
}

/**
 * Why a stored plan may be neither judged nor tried: it is not the one that its revision was named for, or a newer version has compiled
 * it. Empty if it may be.
 */
export const unreadablePlan = (revision: string, plan: Plan): readonly PlanFinding[] => {
  if (isAltered(revision, plan))
    return [planFinding('RevisionAltered', { wanted: revision, limit: shortHash(plan) })]
  return unknownInPlan(plan).map((place) => planFinding('UnknownRegister', { wanted: place.slice(0, 64) }))
}
