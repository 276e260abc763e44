import type { Condition } from '../../api/condition.ts'
import { POD_APPLIED_CONDITION } from '../../api/names.ts'
import { CONTAINER_REFUSALS } from '../../catalogue/container-refusals.ts'
import { PASSED_REASON, PASS_MESSAGES } from '../../catalogue/applied-reasons.ts'
import type { LaunchRecord } from '../../launch/record/launch-record.ts'
import { launchEvent } from '../../launch/record/launch-event.ts'
import type { ContainerNews } from './container-news.ts'

/** The condition Applied of a pod, without its times. */
export type AppliedCondition = Omit<Condition, 'lastTransitionTime'>

const condition = (status: 'True' | 'False', reason: string, message: string): AppliedCondition => ({
  type: POD_APPLIED_CONDITION,
  status,
  reason,
  message,
})

const ofLaunch = (revision: string, record: LaunchRecord): AppliedCondition | undefined => {
  if (record.outcome === 'no-vm') return undefined
  const { reason, note } = launchEvent(record)
  const [first] = record.refused
  if (reason !== 'LaunchApplied')
    return condition(
      'False',
      reason,
      `revision ${revision}: ${note}${first === undefined ? '' : `. ${first.remedy}`}`,
    )
  // A management tool probes KVM in VMs that never run: these are levelled, and are no launch.
  return record.ran === undefined ? undefined : condition('True', reason, `revision ${revision}: ${note}`)
}

/** What the condition says of a container's news; undefined: nothing yet. */
export const appliedCondition = (container: string, news: ContainerNews): AppliedCondition | undefined => {
  switch (news.kind) {
    case 'launch':
      return ofLaunch(news.revision, news.record)
    case 'refused':
      return condition(
        'False',
        news.reason,
        `container ${container} may make no VM (${news.detail}). ${CONTAINER_REFUSALS[news.reason]}`,
      )
    case 'passed':
      return news.why === 'unlabelled'
        ? undefined
        : condition(
            'False',
            PASSED_REASON,
            `VMs of container ${container} are not levelled: ${PASS_MESSAGES[news.why]}`,
          )
    default:
      return news satisfies never
  }
}

/** Of several launches of a pod, one that failed is told before one that did not. */
export const mostUrgent = (conditions: readonly AppliedCondition[]): AppliedCondition | undefined =>
  conditions.find(({ status }) => status === 'False') ?? conditions[0]
