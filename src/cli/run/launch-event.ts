import { LAUNCH_FAILURES, type LaunchOutcome, type LaunchRecord } from '../../launch/record/launch-record.ts'
import { summarizeLaunch } from '../../launch/record/render-launch-record.ts'

/** Why an event is told of a launch, and what it means; docs/errors.md shows it. */
export const LAUNCH_EVENTS = {
  LaunchApplied: 'The vCPUs show the plan.',
  LaunchPartlyApplied:
    'The vCPUs show the plan in part (BestEffort); the note names the first field that they do not.',
  LaunchDiffers: 'A VM that has run shows other registers than were applied.',
  LaunchRefused:
    'The launch was made to fail, for the host or the VMM does not fit the plan; the note names the first field.',
  LaunchFailed: 'The launch failed for a reason of its own; the note has its outcome.',
} as const

export type LaunchEventReason = keyof typeof LAUNCH_EVENTS

/** A launch as a Kubernetes event tells it: https://kep.k8s.io/383. */
export type LaunchEvent = {
  readonly reason: LaunchEventReason
  readonly type: 'Normal' | 'Warning'
  readonly note: string
}

/** events.k8s.io/v1: the most a note may take. */
const LONGEST_NOTE = 1024

const FAILURES: readonly string[] = LAUNCH_FAILURES

const reasonOf = (outcome: LaunchOutcome): LaunchEventReason => {
  if (outcome === 'refused') return 'LaunchRefused'
  if (outcome === 'different') return 'LaunchDiffers'
  if (outcome === 'partly-applied') return 'LaunchPartlyApplied'
  return FAILURES.includes(outcome) ? 'LaunchFailed' : 'LaunchApplied'
}

/** The event of a launch record. */
export const launchEvent = (record: LaunchRecord): LaunchEvent => {
  const reason = reasonOf(record.outcome)
  return {
    reason,
    type: reason === 'LaunchApplied' ? 'Normal' : 'Warning',
    note: summarizeLaunch(record).slice(0, LONGEST_NOTE),
  }
}
