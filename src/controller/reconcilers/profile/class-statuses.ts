import type { ClassStatus } from '../../../api/cpu-feature-profile.ts'
import type { Plan } from '../../../api/plan.ts'
import type { HostClassEntry } from '../../host-class-index.ts'
import type { Judgements } from '../../judgements.ts'

const mostClasses = 64
const mostFindings = 8
const sampleSize = 3

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
      const more = findings.length - mostFindings
      return {
        class: entry.class,
        nodes: entry.nodes.length,
        sample: entry.nodes.slice(0, sampleSize),
        midr: entry.host.cpu.midr,
        kernel: entry.kernel,
        compatible: judged.kind === 'compatible',
        findings: findings.slice(0, mostFindings),
        ...(more > 0 ? { moreFindings: more } : {}),
      }
    })
    .sort(
      (a, b) =>
        Number(a.compatible) - Number(b.compatible) || b.nodes - a.nodes || (a.class < b.class ? -1 : 1),
    )
    .slice(0, mostClasses)
