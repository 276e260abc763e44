import type { Condition } from '../../../api/condition.ts'

/** A condition without the time of its last transition. */
export type DesiredCondition = Omit<Condition, 'lastTransitionTime' | 'observedGeneration'>
