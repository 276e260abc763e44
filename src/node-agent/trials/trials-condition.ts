import type { Condition } from '../../api/condition.ts'
import type { RefusedPlace, RefusedRevision } from '../../api/node-cpu-features.ts'
import { TRIAL_REASONS } from '../../catalogue/condition-reasons.ts'
import type { TrialFindings } from './trial-findings.ts'

const REMEDY =
  'The controller no longer offers hosts of this class for it. The prediction is wrong for this kernel: report it with the ' +
  'output of `cpufeatures probe`. Until then, change the field in the profile, or use other hosts.'

const subjectOf = ({ register, field, feature, errno }: RefusedPlace): string => {
  if (feature === undefined) return [register, field].filter((part) => part !== undefined).join('.')
  return errno === undefined ? `${feature} is missing` : `a vCPU with ${feature}`
}

const placeText = (place: RefusedPlace): string => {
  const { wanted, shown, errno } = place
  const values = [
    ...(wanted === undefined ? [] : [`wanted ${wanted}`]),
    ...(shown === undefined ? [] : [`shows ${shown}`]),
    ...(errno === undefined ? [] : [errno]),
  ]
  return values.length === 0 ? subjectOf(place) : `${subjectOf(place)} (${values.join(', ')})`
}

/** A refused revision in a sentence, with its registers and what helps. */
export const refusedText = ({ revision, refused, moreRefused }: RefusedRevision): string => {
  const more = moreRefused === undefined ? '' : `, and ${moreRefused} more`
  return `KVM refused revision ${revision} on a scratch VM: ${refused.map(placeText).join(', ')}${more}. ${REMEDY}`
}

/** Whether KVM took the live revisions that this node should fit. */
export const trialsCondition = ({
  refused,
  failed,
}: TrialFindings): Pick<Condition, 'status' | 'reason' | 'message'> => {
  const { passed, refused: isRefused, failed: isFailed } = TRIAL_REASONS
  const [first, ...others] = refused
  if (first !== undefined) {
    const rest = others.length === 0 ? '' : ' Other refused revisions are in status.refusedRevisions.'
    return { status: 'False', reason: isRefused[0], message: `${refusedText(first)}${rest}` }
  }
  const [untried] = failed
  if (untried !== undefined) {
    const message =
      `revision ${untried.revision} could not be tried on a scratch VM: ${untried.why}. ` +
      'The node-agent tries again when it restarts.'
    return { status: 'Unknown', reason: isFailed[0], message }
  }
  return {
    status: 'True',
    reason: passed[0],
    message: 'KVM took every live revision that this node should fit, on a scratch VM that never ran.',
  }
}
