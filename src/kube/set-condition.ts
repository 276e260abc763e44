import type { Condition } from '../api/condition.ts'
import { rfc3339 } from './rfc3339.ts'

/**
 * The list with this condition in it. `lastTransitionTime` changes only with `status` (API conventions, "Typical status
 * properties"). If nothing changes, it returns the same list, so that `===` tells whether to write.
 */
export const setCondition = (
  list: readonly Condition[],
  wanted: Omit<Condition, 'lastTransitionTime'>,
  nowMs: number,
): readonly Condition[] => {
  const at = list.findIndex((condition) => condition.type === wanted.type)
  const old = list[at]
  if (old === undefined) return [...list, { ...wanted, lastTransitionTime: rfc3339(nowMs) }]
  const same =
    old.status === wanted.status &&
    old.reason === wanted.reason &&
    old.message === wanted.message &&
    old.observedGeneration === wanted.observedGeneration
  if (same) return list
  const lastTransitionTime = old.status === wanted.status ? old.lastTransitionTime : rfc3339(nowMs)
  return list.with(at, { ...wanted, lastTransitionTime })
}
