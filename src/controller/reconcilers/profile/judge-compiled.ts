import type { ReachStatus } from '../../../api/cpu-feature-profile.ts'
import type { Verdict } from '../../../compatibility/verdict.ts'
import { revisionName } from '../../../plan/revision-name.ts'
import type { CompileResult } from '../../../profile/compile-result.ts'
import type { HostClassEntry } from '../../host-class-index.ts'
import type { Judgements } from '../../judgements.ts'
import { reachStatuses } from './reach-statuses.ts'

/** A host class, and what it makes of a revision. */
export type JudgedClass = { readonly entry: HostClassEntry; readonly verdict: Verdict }

/** A profile as it compiled; where there is a plan, as the classes judge it. */
export type JudgedProfile =
  | Exclude<CompileResult, { readonly kind: 'compiled' }>
  | (Extract<CompileResult, { readonly kind: 'compiled' }> & {
      /** The name of the revision that keeps the plan. */
      readonly revision: string
      readonly classes: readonly JudgedClass[]
      /** The pairs that are shown: of a large fleet no others are judged. */
      readonly reach: readonly ReachStatus[]
    })

/** Gathers what is known of a plan and the classes; `judgements` remembers what was judged before. */
export const judgeCompiled = (
  result: CompileResult,
  profile: string,
  classes: readonly HostClassEntry[],
  judgements: Pick<Judgements, 'verdict' | 'reach'>,
): JudgedProfile => {
  if (result.kind !== 'compiled') return result
  const revision = revisionName(profile, result.plan)
  return {
    ...result,
    revision,
    classes: classes.map((entry) => ({
      entry,
      verdict: judgements.verdict(revision, result.plan, entry.host),
    })),
    reach: reachStatuses(revision, result.plan, classes, judgements),
  }
}
