import type { CpuFeatureProfile, CpuFeatureProfileStatus } from '../../../api/cpu-feature-profile.ts'
import type { Plan } from '../../../api/plan.ts'
import { whyUnfit } from '../../why-unfit.ts'
import { classStatuses } from './class-statuses.ts'
import type { DesiredCondition } from './desired-condition.ts'
import type { JudgedProfile } from './judge-compiled.ts'
import { profileConditions } from './profile-conditions.ts'

export type ProfileFacts = {
  readonly profile: CpuFeatureProfile
  readonly judged: JudgedProfile
  /** Nodes with a report, and those of them without a usable KVM. */
  readonly reports: { readonly total: number; readonly withoutKvm: number }
}

export type ProfileDecision = {
  /** The plan that the profile compiles to, as the revision it is kept in. */
  readonly revision: { readonly name: string; readonly plan: Plan } | undefined
  readonly status: Omit<CpuFeatureProfileStatus, 'conditions'>
  readonly conditions: readonly DesiredCondition[]
}

const MOST_NOTES = 32
const LONGEST_NOTE = 512

const nodesOf = (total: number, compatible: number) => ({
  total,
  compatible,
  summary: `${compatible}/${total}`,
})

/** The status of a profile without a plan. It keeps a baseline that was taken, so that a typing error does not lose it. */
const withoutPlan = (
  { profile, reports }: ProfileFacts,
  judged: Exclude<JudgedProfile, { readonly kind: 'compiled' }>,
): ProfileDecision => {
  const baseline = profile.status?.baseline
  return {
    revision: undefined,
    status: {
      ...(baseline === undefined ? {} : { baseline }),
      nodes: nodesOf(reports.total, 0),
    },
    conditions: profileConditions(judged, undefined),
  }
}

/** The result for a profile: its revision, and its status without times. */
export const decideProfile = (facts: ProfileFacts): ProfileDecision => {
  const { judged, reports } = facts
  if (judged.kind !== 'compiled') return withoutPlan(facts, judged)

  const { plan, baseline, notes, revision, classes, reach } = judged
  const compatible = classes
    .filter(({ verdict }) => verdict.kind === 'compatible')
    .reduce((sum, { entry }) => sum + entry.nodes.length, 0)
  const statuses = classStatuses(classes)
  const fit = { revision, compatible, ...reports, why: whyUnfit(statuses) }
  return {
    revision: { name: revision, plan },
    status: {
      currentRevision: revision,
      ...(baseline === undefined ? {} : { baseline }),
      nodes: nodesOf(reports.total, compatible),
      classes: statuses,
      reach: [...reach],
      notes: notes.slice(0, MOST_NOTES).map((note) => note.slice(0, LONGEST_NOTE)),
    },
    conditions: profileConditions(judged, fit),
  }
}
