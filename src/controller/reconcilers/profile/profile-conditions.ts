import { PROFILE_CONDITIONS } from '../../../api/cpu-feature-profile.ts'
import type { PlacementReason } from '../../../catalogue/condition-reasons.ts'
import { renderFinding } from '../../../compatibility/render-finding.ts'
import type { CompileResult } from '../../../profile/compile-result.ts'
import type { DesiredCondition } from './desired-condition.ts'

/** How many nodes the compiled plan fits. */
export type Fit = {
  readonly revision: string
  readonly total: number
  readonly compatible: number
  /** Nodes whose agent found no usable KVM. */
  readonly withoutKvm: number
  /** Why classes do not fit; empty if all do. */
  readonly why: string
}

const { accepted, compiled, schedulable } = PROFILE_CONDITIONS

const condition = (
  type: string,
  status: DesiredCondition['status'],
  reason: string,
  message: string,
): DesiredCondition => ({ type, status, reason, message })

/** A condition that cannot hold because an earlier one does not. It repeats the earlier reason, because that is the one to act on. */
const failed = (types: readonly string[], reason: string, message: string): DesiredCondition[] =>
  types.map((type) => condition(type, 'False', reason, message))

const ACCEPTED = condition(accepted, 'True', 'Accepted', 'every name and value is known')

const schedulableCondition = ({ revision, total, compatible, ...fit }: Fit): DesiredCondition => {
  const withoutKvm = fit.withoutKvm > 0 ? `; ${fit.withoutKvm} without a usable KVM` : ''
  if (compatible > 0)
    return condition(
      schedulable,
      'True',
      'NodesFit' satisfies PlacementReason,
      `revision ${revision} fits ${compatible} of ${total} nodes${withoutKvm}`,
    )
  return total === 0
    ? condition(
        schedulable,
        'False',
        'NoNodes' satisfies PlacementReason,
        'no node has reported; is the node-agent running?',
      )
    : condition(
        schedulable,
        'False',
        'NoCompatibleNode' satisfies PlacementReason,
        `revision ${revision} fits none of ${total} nodes${withoutKvm}${fit.why === '' ? '' : `: ${fit.why}`}`,
      )
}

/** The three conditions of a profile, from the result of compiling; `fit` is set if it compiled. */
export const profileConditions = (
  result: CompileResult,
  fit: Fit | undefined,
): readonly DesiredCondition[] => {
  switch (result.kind) {
    case 'not-accepted':
      return failed([accepted, compiled, schedulable], result.reason, result.message)
    case 'waiting':
      return [ACCEPTED, ...failed([compiled, schedulable], result.reason, result.message)]
    case 'not-compiled': {
      const [first] = result.findings
      const message = first === undefined ? result.message : `${result.message}: ${renderFinding(first)}`
      return [ACCEPTED, ...failed([compiled, schedulable], result.reason, message)]
    }
    case 'compiled': {
      const { revision = '' } = fit ?? {}
      const done = condition(compiled, 'True', 'Compiled', `compiled to revision ${revision}`)
      return [ACCEPTED, done, ...(fit === undefined ? [] : [schedulableCondition(fit)])]
    }
    default:
      return result satisfies never
  }
}
