import type { PlacementReason } from '../catalogue/condition-reasons.ts'
import { renderFinding } from '../compatibility/render-finding.ts'
import type { Verdict } from '../compatibility/verdict.ts'

/** Whether a node fits a revision; if none does, why. The text changes only with a reason, not with every node that joins. */
export type RevisionFit =
  { readonly fits: true } | { readonly fits: false; readonly reason: PlacementReason; readonly why: string }

/** events.k8s.io/v1 limits a note to 1024 bytes; this leaves room for the words before it. */
const LONGEST = 800

const MORE = 'more reasons are in status.classes of the profile'

const reasonOf = (verdict: Verdict): readonly string[] => {
  if (verdict.kind === 'compatible') return []
  const [first] = verdict.findings
  return [first === undefined ? 'unfit' : renderFinding(first).replace(/\.$/, '')]
}

/** The first finding of each class, each reason once, sorted, as far as there is room. */
const reasons = (verdicts: readonly Verdict[]): string => {
  const said: string[] = []
  for (const reason of [...new Set(verdicts.flatMap(reasonOf))].sort()) {
    if ([...said, reason].join('; ').length > LONGEST) return [...said, MORE].join('; ')
    said.push(reason)
  }
  return said.join('; ')
}

/**
 * Whether a node fits a revision. `verdicts` are those of the host classes that nodes have now; `reported` is how many nodes have a
 * report, with or without a usable KVM.
 */
export const revisionFit = (verdicts: readonly Verdict[], reported: number): RevisionFit => {
  if (verdicts.some(({ kind }) => kind === 'compatible')) return { fits: true }
  if (reported === 0)
    return { fits: false, reason: 'NoNodes', why: 'no node has reported; is the node-agent running?' }
  const why = verdicts.length === 0 ? 'no node has a usable KVM' : reasons(verdicts)
  return { fits: false, reason: 'NoCompatibleNode', why }
}
