import { LAUNCH_FAILURES, type LaunchOutcome, type LaunchRecord } from './launch-record.ts'
import { summarizeLaunch } from './render-launch-record.ts'

/** The reasons of launch events, and what each means; docs/errors.md shows them. */
export const LAUNCH_EVENTS = {
  LaunchApplied: 'The vCPUs show the plan.',
  LaunchPartlyApplied:
    'The vCPUs show only a part of the plan (BestEffort). The note names the first field that they ' +
    'do not show.',
  LaunchDiffers: 'A VM has run, and its registers have other values than those that the supervisor wrote.',
  LaunchRefused:
    'The supervisor made the launch fail, because the host or the VMM does not fit the plan. The ' +
    'note names the first field that does not fit.',
  LaunchFailed: 'The launch failed for a reason other than the plan. The note names the outcome.',
} as const

export type LaunchEventReason = keyof typeof LAUNCH_EVENTS

/** A launch in the form of a Kubernetes event: https://kep.k8s.io/383. */
export type LaunchEvent = {
  readonly reason: LaunchEventReason
  readonly type: 'Normal' | 'Warning'
  readonly note: string
}

/** The longest note that events.k8s.io/v1 allows. */
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
