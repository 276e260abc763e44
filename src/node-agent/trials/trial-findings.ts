import {
  MOST_REFUSED_PLACES,
  MOST_REFUSED_REVISIONS,
  type RefusedRevision,
} from '../../api/node-cpu-features.ts'
import type { Tried } from './try-plan.ts'

/** What a revision came to on this node: a trial, or why there was none. */
export type TrialOutcome = Tried | { readonly kind: 'unfit' | 'unreadable' }

/** What the trials of all live revisions came to, as far as a report tells it. */
export type TrialFindings = {
  /** Sorted by revision. */
  readonly refused: readonly RefusedRevision[]
  readonly failed: readonly { readonly revision: string; readonly why: string }[]
}

const refusedRevision = (
  revision: string,
  { places }: Extract<Tried, { kind: 'refused' }>,
): RefusedRevision => {
  const more = places.length - MOST_REFUSED_PLACES
  return {
    revision,
    refused: places.slice(0, MOST_REFUSED_PLACES),
    ...(more > 0 && { moreRefused: more }),
  }
}

/** The findings of the outcomes by revision, in any order. */
export const trialFindings = (outcomes: ReadonlyMap<string, TrialOutcome>): TrialFindings => {
  const sorted = [...outcomes].sort(([a], [b]) => (a < b ? -1 : 1))
  return {
    refused: sorted
      .flatMap(([name, outcome]) => (outcome.kind === 'refused' ? [refusedRevision(name, outcome)] : []))
      .slice(0, MOST_REFUSED_REVISIONS),
    failed: sorted.flatMap(([revision, outcome]) =>
      outcome.kind === 'failed' ? [{ revision, why: outcome.why }] : [],
    ),
  }
}
