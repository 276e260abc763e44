import type { ReachFinding } from '../api/finding.ts'
import { reachRemedy, type ReachDetails, type ReachReason } from '../catalogue/reach-reasons.ts'

type About = Omit<ReachFinding, 'onFrom' | 'onTo'>

/** What keeps a VM from moving between two hosts, and in which direction. `a` and `b` are what guests find on each. */
export type ReachObstacle = {
  readonly blocks: 'a-to-b' | 'b-to-a' | 'both'
  readonly about: About
  readonly a: string
  readonly b: string
}

/** What an obstacle says of the two hosts; the remedy is made from the details that follow. */
type Compared = Omit<About, 'reason' | 'remedy'> & Pick<ReachObstacle, 'a' | 'b'>

export const obstacle = <R extends ReachReason>(
  blocks: ReachObstacle['blocks'],
  reason: R,
  { a, b, ...about }: Compared,
  ...details: ReachDetails<R>
): ReachObstacle => ({ blocks, about: { reason, ...about, remedy: reachRemedy(reason, ...details) }, a, b })

/** The obstacle as a finding about VMs that would move this way. */
export const findingOf = ({ about, a, b }: ReachObstacle, direction: 'a-to-b' | 'b-to-a'): ReachFinding => {
  const [onFrom, onTo] = direction === 'a-to-b' ? [a, b] : [b, a]
  return { ...about, onFrom, onTo }
}

/** The direction that is blocked, from what blocks each of the two; undefined if nothing does. */
export const blocked = (aToB: boolean, bToA: boolean): ReachObstacle['blocks'] | undefined => {
  if (aToB && bToA) return 'both'
  if (aToB) return 'a-to-b'
  return bToA ? 'b-to-a' : undefined
}
