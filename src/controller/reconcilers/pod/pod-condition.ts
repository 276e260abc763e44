import type { PodDecision } from './decide-pod.ts'

/** What the pod's condition and an Event say. */
export interface PodCondition {
  readonly status: 'True' | 'False'
  readonly reason: string
  readonly message: string
  readonly event: { readonly type: 'Normal' | 'Warning'; readonly action: string }
}

/** The condition that follows from a decision; undefined where nothing is to be said yet. */
export const podCondition = (decision: PodDecision): PodCondition | undefined => {
  switch (decision.kind) {
    case 'nothing':
    case 'wait':
    case 'pin':
      return undefined
    case 'hold': {
      const { reason, message } = decision
      return { status: 'False', reason, message, event: { type: 'Warning', action: 'Hold' } }
    }
    case 'pinned': {
      const message = `pinned to revision ${decision.revision}; the scheduler has it`
      return { status: 'True', reason: 'Pinned', message, event: { type: 'Normal', action: 'Pin' } }
    }
    default:
      return decision satisfies never
  }
}
