import type { ClassStatus } from '../../../api/cpu-feature-profile.ts'
import type { Plan } from '../../../api/plan.ts'
import type { HostClassEntry } from '../../host-class-index.ts'
import type { Judgements } from '../../judgements.ts'

const MOST_CLASSES = 64
const MOST_FINDINGS = 8
const SAMPLE_SIZE = 3

/** What each class makes of a revision, unfit ones first (they are what a reader looks for), then by size. */
export const classStatuses = (
  revision: string,
  plan: Plan,
  classes: readonly HostClassEntry[],
  judgements: Pick<Judgements, 'verdict'>,
): ClassStatus[] =>
  classes
    .map((entry): ClassStatus => {
      const judged = judgements.verdict(revision, plan, entry.host)
      const findings = judged.kind === 'incompatible' ? judged.findings : []
      const more = findings.length - MOST_FINDINGS
      return {
        class: entry.class,
        nodes: entry.nodes.length,
        sample: entry.nodes.slice(0, SAMPLE_SIZE),
        midr: entry.host.cpu.midr,
        kernel: entry.kernel,
        compatible: judged.kind === 'compatible',
        findings: findings.slice(0, MOST_FINDINGS),
        ...(more > 0 ? { moreFindings: more } : {}),
      }
    })
    .sort(
      (a, b) =>
        Number(a.compatible) - Number(b.compatible) || b.nodes - a.nodes || (a.class < b.class ? -1 : 1),
    )
    .slice(0, MOST_CLASSES)
