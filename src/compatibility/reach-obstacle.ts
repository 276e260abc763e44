import type { Finding } from '../api/finding.ts'
import type { FindingReason } from '../plan/finding-reason.ts'

/** What keeps a VM from moving between two hosts, and in which direction. */
export type ReachObstacle = {
  readonly blocks: 'a-to-b' | 'b-to-a' | 'both'
  readonly finding: Finding
}

/** An obstacle; `wanted` is what the one host shows, `limit` the other. */
export const obstacle = (
  blocks: ReachObstacle['blocks'],
  reason: FindingReason,
  finding: Omit<Finding, 'reason'>,
): ReachObstacle => ({ blocks, finding: { reason, ...finding } })

/** The direction that is blocked where each can refuse the other; undefined where none does. */
export const blocked = (aToB: boolean, bToA: boolean): ReachObstacle['blocks'] | undefined => {
  if (aToB && bToA) return 'both'
  if (aToB) return 'a-to-b'
  return bToA ? 'b-to-a' : undefined
}
