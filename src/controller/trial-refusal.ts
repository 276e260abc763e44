import type { PlanFinding } from '../api/finding.ts'
import type { RefusedPlace, RefusedRevision } from '../api/node-cpu-features.ts'
import { planFinding } from '../catalogue/plan-reasons.ts'
import type { Verdict } from '../compatibility/verdict.ts'
import { remembered } from '../plan/remembered.ts'

/** A revision that a node refused in a trial, and the node. */
export type TrialRefusal = { readonly node: string; readonly refused: RefusedRevision }

/** What the vCPU showed and the errno, whichever there is. */
const limitOf = ({ shown, errno }: RefusedPlace): string | undefined => {
  if (shown === undefined || errno === undefined) return shown ?? errno
  return `${shown} (${errno})`.slice(0, 64)
}

const findingOf = (place: RefusedPlace, node: string): PlanFinding => {
  const { register, field } = place
  const [wanted, limit] = [place.wanted ?? place.feature, limitOf(place)]
  const about = {
    ...(register !== undefined && { register }),
    ...(field !== undefined && { field }),
    ...(wanted !== undefined && { wanted }),
    ...(limit !== undefined && { limit }),
  }
  return planFinding('TrialRefused', about, node)
}

/** The verdict on a class of which a node has refused the revision: a finding for each place that the node names. */
export const refusedVerdict = remembered(({ node, refused: { refused } }: TrialRefusal): Verdict => {
  const places = refused.length === 0 ? [{}] : refused
  return { kind: 'incompatible', findings: places.map((place) => findingOf(place, node)) }
})
