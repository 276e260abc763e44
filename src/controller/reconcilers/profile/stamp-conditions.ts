import type { Condition } from '../../../api/condition.ts'
import type { DesiredCondition } from './desired-condition.ts'

/** Gives conditions their times: that of the condition before where the status is the same, else `now` (RFC 3339). */
export const stampConditions = (
  desired: readonly DesiredCondition[],
  before: readonly Condition[],
  { observedGeneration, now }: { readonly observedGeneration: number; readonly now: string },
): Condition[] =>
  desired.map((one) => {
    const old = before.find(({ type }) => type === one.type)
    const lastTransitionTime = old?.status === one.status ? old.lastTransitionTime : now
    return { ...one, observedGeneration, lastTransitionTime }
  })
