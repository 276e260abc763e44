import type { Condition } from '../../../api/condition.ts'

/** A condition before it is stamped with when it came about. */
export type DesiredCondition = Omit<Condition, 'lastTransitionTime' | 'observedGeneration'>
