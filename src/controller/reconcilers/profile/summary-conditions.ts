import { PROFILE_CONDITIONS } from '../../../api/cpu-feature-profile.ts'
import type { SummaryReason } from '../../../catalogue/condition-reasons.ts'
import type { DesiredCondition } from './desired-condition.ts'

/** Reasons that end by themselves, when nodes report. Every other one waits for somebody who changes the profile or the cluster. */
const PASSING: ReadonlySet<string> = new Set(['WaitingForNodes', 'NoNodes'])

const { ready, reconciling, stalled } = PROFILE_CONDITIONS

const settled = (type: string, reason: SummaryReason, message: string): DesiredCondition => ({
  ...{ type, status: 'False', reason, message },
})

/**
 * What tools read that know nothing of us, as `kubectl wait` and Flux: Ready, Reconciling and Stalled, from the conditions of a profile in
 * their order. Source: kstatus, sigs.k8s.io/cli-utils/pkg/kstatus.
 */
export const summaryConditions = (conditions: readonly DesiredCondition[]): readonly DesiredCondition[] => {
  const decisive = conditions.find(({ status }) => status !== 'True') ?? conditions.at(-1)
  if (decisive === undefined) return []
  const isReady = decisive.status === 'True'
  const passes = PASSING.has(decisive.reason)
  return [
    { ...decisive, type: ready },
    !isReady && passes
      ? { ...decisive, type: reconciling, status: 'True' }
      : settled(reconciling, 'Settled', 'the controller waits for nothing'),
    !isReady && !passes
      ? { ...decisive, type: stalled, status: 'True' }
      : settled(stalled, 'NotStalled', 'nobody has to change anything'),
  ]
}
