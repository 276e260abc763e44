import type { ReachStatus } from '../../../api/cpu-feature-profile.ts'
import type { Plan } from '../../../api/plan.ts'
import type { HostClassEntry } from '../../host-class-index.ts'
import type { Judgements } from '../../judgements.ts'

const mostPairs = 64
const mostFindings = 4

type Judge = Pick<Judgements, 'verdict' | 'reach'>

interface Subject {
  readonly revision: string
  readonly plan: Plan
  readonly judge: Judge
}

/** Between a class that fits and one that does not there is no way, for the reasons of the verdict. */
const neverInto = (subject: Subject, from: HostClassEntry, to: HostClassEntry): ReachStatus => {
  const judged = subject.judge.verdict(subject.revision, subject.plan, to.host)
  const findings = judged.kind === 'incompatible' ? judged.findings : []
  return { from: from.class, to: to.class, reach: 'Never', findings: findings.slice(0, mostFindings) }
}

const between = (subject: Subject, from: HostClassEntry, to: HostClassEntry): ReachStatus[] => {
  const way = subject.judge.reach(subject.revision, subject.plan, from.host, to.host)
  const findings = way.findings.slice(0, mostFindings)
  switch (way.kind) {
    case 'both-ways':
      return []
    case 'one-way':
      return [{ from: from.class, to: to.class, reach: 'OneWay', findings }]
    case 'never':
      // Said once where neither way is open; where one is, its own entry says so.
      return isOpen(subject, to, from) || from.class > to.class
        ? []
        : [{ from: from.class, to: to.class, reach: 'Never', findings }]
    default:
      return way satisfies never
  }
}

const isOpen = ({ judge, revision, plan }: Subject, from: HostClassEntry, to: HostClassEntry): boolean =>
  judge.reach(revision, plan, from.host, to.host).kind !== 'never'

/**
 * The pairs of classes that VMs of a revision cannot move between both ways: first among classes that fit, then from one
 * that fits to one that does not. Two that do not fit run no such VM.
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
  const pairs: ReachStatus[] = []
  for (const from of fitting)
    for (const to of fitting) if (from !== to) pairs.push(...between(subject, from, to))
  for (const to of unfit)
    for (const from of fitting.slice(0, mostPairs)) pairs.push(neverInto(subject, from, to))
  return pairs.slice(0, mostPairs)
}
