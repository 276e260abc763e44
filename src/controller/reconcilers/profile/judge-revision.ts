import type { ReachStatus } from '../../../api/cpu-feature-profile.ts'
import type { Plan } from '../../../api/plan.ts'
import type { Verdict } from '../../../compatibility/verdict.ts'
import type { HostClassEntry } from '../../host-class-index.ts'
import type { Judgements } from '../../judgements.ts'
import { reachStatuses } from './reach-statuses.ts'

/** A host class, and what it makes of a revision. */
export type JudgedClass = { readonly entry: HostClassEntry; readonly verdict: Verdict }

/** A revision as the classes judge it. */
export type JudgedRevision = {
  readonly name: string
  readonly plan: Plan
  readonly classes: readonly JudgedClass[]
  /** The pairs that are shown: of a large fleet no others are judged. */
  readonly reach: readonly ReachStatus[]
}

/** Gathers what is known of a revision and the classes; `judgements` remembers what was judged before. */
export const judgeRevision = (
  { name, plan }: Pick<JudgedRevision, 'name' | 'plan'>,
  classes: readonly HostClassEntry[],
  judgements: Pick<Judgements, 'verdict' | 'reach'>,
): JudgedRevision => ({
  name,
  plan,
  classes: classes.map((entry) => ({ entry, verdict: judgements.verdict(name, plan, entry.host) })),
  reach: reachStatuses(name, plan, classes, judgements),
})
