import type { Baseline, CpuFeatureProfileStatus } from '../../../api/cpu-feature-profile.ts'
import type { Plan } from '../../../api/plan.ts'
import type { CompileResult } from '../../../profile/compile-result.ts'
import { revisionFit } from '../../revision-fit.ts'
import type { PlacedVm } from '../../stranded-vms.ts'
import { classStatuses } from './class-statuses.ts'
import type { DesiredCondition } from './desired-condition.ts'
import type { JudgedRevision } from './judge-revision.ts'
import { profileConditions } from './profile-conditions.ts'

export type ProfileFacts = {
  /** The baseline that was kept for the profile. */
  readonly kept: Baseline | undefined
  readonly result: CompileResult
  /** Since when a first baseline waits for nodes, as an RFC 3339 time; undefined if none is to be taken. */
  readonly waitingSince: string | undefined
  /** What new pods are pinned to: the plan that the profile compiles to; if it does not compile, the last one that did. */
  readonly serving: JudgedRevision | undefined
  /** The VMs of the profile that can go nowhere, sorted by name. */
  readonly stranded: readonly PlacedVm[]
  /** Nodes with a report, and those of them without a usable KVM. */
  readonly reports: { readonly total: number; readonly withoutKvm: number }
}

export type ProfileDecision = {
  /** The revision that serves new pods. */
  readonly revision: { readonly name: string; readonly plan: Plan } | undefined
  readonly status: Omit<CpuFeatureProfileStatus, 'conditions'>
  readonly conditions: readonly DesiredCondition[]
}

const MOST_STRANDED = 8
const MOST_NOTES = 32
const LONGEST_NOTE = 512

const nodesOf = (total: number, compatible: number) => ({
  total,
  compatible,
  summary: `${compatible}/${total}`,
})

/** The baseline to keep. A profile with a mistake keeps the one that was taken, so that the mistake does not lose it. */
const baselineOf = ({ kept, result }: ProfileFacts) => {
  const baseline = result.kind === 'compiled' ? result.baseline : kept
  return baseline === undefined ? {} : { baseline }
}

/** Kept until there is a baseline, also while there is another reason why none is taken: else the time would begin anew. */
const waitingOf = ({ result, waitingSince }: ProfileFacts) =>
  result.kind === 'compiled' || waitingSince === undefined ? {} : { waitingSince }

const strandedOf = ({ stranded }: ProfileFacts): Pick<CpuFeatureProfileStatus, 'strandedVms'> => ({
  strandedVms: {
    count: stranded.length,
    sample: stranded.slice(0, MOST_STRANDED).map(({ namespace, name, node }) => ({ namespace, name, node })),
  },
})

/** The result for a profile: the revision that serves, and its status without times. */
export const decideProfile = (facts: ProfileFacts): ProfileDecision => {
  const { result, serving, reports } = facts
  if (serving === undefined)
    return {
      revision: undefined,
      status: {
        ...baselineOf(facts),
        ...waitingOf(facts),
        nodes: nodesOf(reports.total, 0),
        ...strandedOf(facts),
      },
      conditions: profileConditions(result, undefined),
    }

  const { name, plan, classes, reach } = serving
  const compatible = classes
    .filter(({ verdict }) => verdict.kind === 'compatible')
    .reduce((sum, { entry }) => sum + entry.nodes.length, 0)
  const fit = revisionFit(
    classes.map(({ verdict }) => verdict),
    reports.total,
  )
  const notes = result.kind === 'compiled' ? result.notes : []
  return {
    revision: { name, plan },
    status: {
      currentRevision: name,
      ...baselineOf(facts),
      ...waitingOf(facts),
      nodes: nodesOf(reports.total, compatible),
      ...strandedOf(facts),
      classes: classStatuses(classes),
      reach: [...reach],
      notes: notes.slice(0, MOST_NOTES).map((note) => note.slice(0, LONGEST_NOTE)),
    },
    conditions: profileConditions(result, {
      revision: name,
      fit,
      someWithoutKvm: reports.withoutKvm > 0,
    }),
  }
}
