import type { Condition } from '../../../api/condition.ts'
import { NO_REVISION, POD_SCHEDULABLE_CONDITION } from '../../../api/names.ts'
import type { PodDecision } from './decide-pod.ts'

/** What the pod's condition and an Event say. */
export type PodCondition = {
  readonly condition: Omit<Condition, 'lastTransitionTime'>
  /** `id`: of what is told once about a pod, whichever controller tells it. */
  readonly event: { readonly type: 'Normal' | 'Warning'; readonly action: string; readonly id?: string }
}

const type = POD_SCHEDULABLE_CONDITION

/** The condition that follows from a decision; undefined if there is nothing to say yet. */
export const podCondition = (decision: PodDecision): PodCondition | undefined => {
  switch (decision.kind) {
    case 'nothing':
    case 'wait':
    case 'pin':
      return undefined
    case 'hold':
    case 'stranded': {
      const { kind, reason, message } = decision
      const condition = { type, status: 'False', reason, message } as const
      return { condition, event: { type: 'Warning', action: kind === 'hold' ? 'Hold' : 'Schedule' } }
    }
    case 'pinned': {
      const { revision } = decision
      const message =
        revision === NO_REVISION
          ? 'pinned to no revision, because its VM ran without one where it comes from; it shows the CPU of its host'
          : `pinned to revision ${revision}; the scheduler takes it from here`
      const condition = { type, status: 'True', reason: 'Pinned', message } as const
      // A pod is pinned once. A former leader whose write comes late has the same to tell as its successor.
      return { condition, event: { type: 'Normal', action: 'Pin', id: 'Pinned' } }
    }
    default:
      return decision satisfies never
  }
}
