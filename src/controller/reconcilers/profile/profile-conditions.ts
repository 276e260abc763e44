import { PROFILE_CONDITIONS } from '../../../api/cpu-feature-profile.ts'
import type { PlacementReason } from '../../../catalogue/condition-reasons.ts'
import { renderFinding } from '../../../compatibility/render-finding.ts'
import type { RevisionFit } from '../../revision-fit.ts'
import type { CompileResult } from '../../../profile/compile-result.ts'
import type { DesiredCondition } from './desired-condition.ts'

/** The revision that serves, and whether a node fits it. */
export type Serving = {
  readonly revision: string
  readonly fit: RevisionFit
  /** Whether an agent found no usable KVM on its node. */
  readonly someWithoutKvm: boolean
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

const schedulableCondition = ({ revision, fit, someWithoutKvm }: Serving): DesiredCondition => {
  if (fit.fits) {
    const withoutKvm = someWithoutKvm ? '. Some nodes have no usable KVM: see `kubectl get ncf`' : ''
    const message = `nodes fit revision ${revision}; status.nodes counts them${withoutKvm}`
    return condition(schedulable, 'True', 'NodesFit' satisfies PlacementReason, message)
  }
  return condition(schedulable, 'False', fit.reason, `no node fits revision ${revision}: ${fit.why}`)
}

/** What is said where a profile does not compile but did so before. */
const stillServes = (message: string, { revision }: Serving): string =>
  `${message}. Until this is mended, new pods get revision ${revision}, the last that compiled`

/**
 * The three conditions of a profile, from the result of compiling. `serving` is the revision that it compiled to, or the last one that
 * compiled.
 */
export const profileConditions = (
  result: CompileResult,
  serving: Serving | undefined,
): readonly DesiredCondition[] => {
  const fails = (types: readonly string[], reason: string, message: string): readonly DesiredCondition[] =>
    serving === undefined
      ? failed([...types, schedulable], reason, message)
      : [...failed(types, reason, stillServes(message, serving)), schedulableCondition(serving)]
  switch (result.kind) {
    case 'not-accepted':
      return fails([accepted, compiled], result.reason, result.message)
    case 'waiting':
      return [ACCEPTED, ...fails([compiled], result.reason, result.message)]
    case 'not-compiled': {
      const [first] = result.findings
      const message = first === undefined ? result.message : `${result.message}: ${renderFinding(first)}`
      return [ACCEPTED, ...fails([compiled], result.reason, message)]
    }
    case 'compiled': {
      const { revision = '' } = serving ?? {}
      const done = condition(compiled, 'True', 'Compiled', `compiled to revision ${revision}`)
      return [ACCEPTED, done, ...(serving === undefined ? [] : [schedulableCondition(serving)])]
    }
    default:
      return result satisfies never
  }
}
