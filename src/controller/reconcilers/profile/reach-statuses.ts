import type { ReachStatus } from '../../../api/cpu-feature-profile.ts'
import type { Plan } from '../../../api/plan.ts'
import type { HostClassEntry } from '../../host-class-index.ts'
import type { Judgements } from '../../judgements.ts'

const MOST_PAIRS = 64
const MOST_FINDINGS = 4

type Judge = Pick<Judgements, 'verdict' | 'reach'>

type Subject = {
  readonly revision: string
  readonly plan: Plan
  readonly judge: Judge
}

/** VMs cannot move from a class that fits to one that does not; the findings of the verdict are the reasons. */
const neverInto = (subject: Subject, from: HostClassEntry, to: HostClassEntry): ReachStatus => {
  const judged = subject.judge.verdict(subject.revision, subject.plan, to.host)
  const findings = judged.kind === 'compatible' ? [] : judged.findings
  const reach = judged.kind === 'unknown' ? 'Unknown' : 'Never'
  return { from: from.class, to: to.class, reach, findings: findings.slice(0, MOST_FINDINGS) }
}

const between = (subject: Subject, a: HostClassEntry, b: HostClassEntry): ReachStatus[] => {
  const way = subject.judge.reach(subject.revision, subject.plan, a.host, b.host)
  const findings = way.findings.slice(0, MOST_FINDINGS)
  switch (way.kind) {
    case 'both-ways':
      return []
    case 'one-way': {
      const [from, to] = way.direction === 'a-to-b' ? [a, b] : [b, a]
      return [{ from: from.class, to: to.class, reach: 'OneWay', findings }]
    }
    case 'never':
      return [{ from: a.class, to: b.class, reach: 'Never', findings }]
    case 'unknown':
      return [{ from: a.class, to: b.class, reach: 'Unknown', findings }]
    default:
      return way satisfies never
  }
}

/** Lazy, so that in a large fleet only the shown pairs are judged. */
function* pairs(
  subject: Subject,
  fitting: readonly HostClassEntry[],
  unfit: readonly HostClassEntry[],
): Generator<ReachStatus, undefined> {
  for (const [index, a] of fitting.entries())
    for (const b of fitting.slice(index + 1)) yield* between(subject, a, b)
  for (const to of unfit) for (const from of fitting) yield neverInto(subject, from, to)
}

/**
 * The pairs of classes between which VMs of a revision cannot move both ways: first those of two classes that fit, then those of a
 * class that fits and one that does not. Classes that do not fit run no such VM.
 */
export const reachStatuses = (
  revision: string,
  plan: Plan,
  classes: readonly HostClassEntry[],
  judge: Judge,
): ReachStatus[] => {
  const subject = { revision, plan, judge }
  const fits = (entry: HostClassEntry) => judge.verdict(revision, plan, entry.host).kind === 'compatible'
  const fitting = classes.filter(fits)
  const unfit = classes.filter((entry) => !fits(entry))
  return pairs(subject, fitting, unfit).take(MOST_PAIRS).toArray()
}
