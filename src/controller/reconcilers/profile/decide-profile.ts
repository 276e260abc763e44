import {
  cpuFeatureProfileSpec,
  type CpuFeatureProfile,
  type CpuFeatureProfileStatus,
} from '../../../api/cpu-feature-profile.ts'
import type { Plan } from '../../../api/plan.ts'
import { compileProfile } from '../../../profile/compile-profile.ts'
import type { CompileResult } from '../../../profile/compile-result.ts'
import { revisionName } from '../../../plan/revision-name.ts'
import type { HostClassEntry } from '../../host-class-index.ts'
import type { Judgements } from '../../judgements.ts'
import type { Selection } from '../../selection.ts'
import { whyUnfit } from '../../why-unfit.ts'
import { classStatuses } from './class-statuses.ts'
import type { DesiredCondition } from './desired-condition.ts'
import { profileConditions } from './profile-conditions.ts'
import { reachStatuses } from './reach-statuses.ts'

export type ProfileFacts = {
  readonly profile: CpuFeatureProfile
  readonly classes: readonly HostClassEntry[]
  /** Which nodes the base selects; of meaning for base `nodes` only. */
  readonly selection: Selection
  /** Nodes with a report, and those of them without a usable KVM. */
  readonly reports: { readonly total: number; readonly withoutKvm: number }
  readonly judgements: Pick<Judgements, 'verdict' | 'reach'>
}

export type ProfileDecision = {
  /** The plan that the profile compiles to, as the revision it is kept in. */
  readonly revision: { readonly name: string; readonly plan: Plan } | undefined
  readonly status: Omit<CpuFeatureProfileStatus, 'conditions'>
  readonly conditions: readonly DesiredCondition[]
}

const MOST_NOTES = 32
const LONGEST_NOTE = 512

/** Compiles what the API server stored. The CRD has checked it; one stored before a change of the CRD may still not fit. */
const compile = ({ profile, classes, selection }: ProfileFacts): CompileResult => {
  const spec = cpuFeatureProfileSpec.safeParse(profile.spec)
  if (!spec.success) {
    const [issue] = spec.error.issues
    const place = ['spec', ...(issue?.path ?? [])].join('.')
    return {
      kind: 'not-accepted',
      reason: 'NotSpecifiable',
      message: `${place}: ${issue?.message ?? 'invalid'}`,
    }
  }
  const hosts = classes.map((one) => {
    const selected = selection.perClass.get(one.class) ?? 0
    return {
      class: one.class,
      host: one.host,
      nodes: selected > 0 ? selected : one.nodes.length,
      selected: selected > 0,
    }
  })
  const baseline = profile.status?.baseline
  return compileProfile({
    spec: spec.data,
    hosts,
    unreported: selection.unreported,
    ...(baseline === undefined ? {} : { previousBaseline: baseline }),
  })
}

const nodesOf = (total: number, compatible: number) => ({
  total,
  compatible,
  summary: `${compatible}/${total}`,
})

/** What is said of a profile that gives no plan. A baseline once taken stays: a typing error must not cost it. */
const withoutPlan = (facts: ProfileFacts, result: CompileResult): ProfileDecision => {
  const baseline = facts.profile.status?.baseline
  return {
    revision: undefined,
    status: {
      ...(baseline === undefined ? {} : { baseline }),
      nodes: nodesOf(facts.reports.total, 0),
    },
    conditions: profileConditions(result, undefined),
  }
}

/** What becomes of a profile: its revision, and its status but for the times in it. */
export const decideProfile = (facts: ProfileFacts): ProfileDecision => {
  const { profile, classes, judgements, reports } = facts
  const result = compile(facts)
  if (result.kind !== 'compiled') return withoutPlan(facts, result)

  const { plan, baseline, notes } = result
  const revision = revisionName(profile.metadata.name, plan)
  const compatible = classes
    .filter((one) => judgements.verdict(revision, plan, one.host).kind === 'compatible')
    .reduce((sum, one) => sum + one.nodes.length, 0)
  const statuses = classStatuses(revision, plan, classes, judgements)
  const fit = { revision, compatible, ...reports, why: whyUnfit(statuses) }
  return {
    revision: { name: revision, plan },
    status: {
      currentRevision: revision,
      ...(baseline === undefined ? {} : { baseline }),
      nodes: nodesOf(reports.total, compatible),
      classes: statuses,
      reach: reachStatuses(revision, plan, classes, judgements),
      notes: notes.slice(0, MOST_NOTES).map((note) => note.slice(0, LONGEST_NOTE)),
    },
    conditions: profileConditions(result, fit),
  }
}
