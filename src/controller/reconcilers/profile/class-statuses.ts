import type { ClassStatus } from '../../../api/cpu-feature-profile.ts'
import type { JudgedClass } from './judge-revision.ts'

const MOST_CLASSES = 64
const MOST_FINDINGS = 8
const SAMPLE_SIZE = 3

/** The verdict on each class under a revision: unfit classes first, because readers look for those, then by size. */
export const classStatuses = (classes: readonly JudgedClass[]): ClassStatus[] =>
  classes
    .map(({ entry, verdict }): ClassStatus => {
      const findings = verdict.kind === 'compatible' ? [] : verdict.findings
      const more = findings.length - MOST_FINDINGS
      return {
        class: entry.class,
        nodes: entry.nodes.length,
        sample: entry.nodes.slice(0, SAMPLE_SIZE),
        midr: entry.host.cpu.midr,
        kernel: entry.kernel,
        compatible: verdict.kind === 'compatible',
        findings: findings.slice(0, MOST_FINDINGS),
        ...(more > 0 ? { moreFindings: more } : {}),
      }
    })
    .sort(
      (a, b) =>
        Number(a.compatible) - Number(b.compatible) || b.nodes - a.nodes || (a.class < b.class ? -1 : 1),
    )
    .slice(0, MOST_CLASSES)
