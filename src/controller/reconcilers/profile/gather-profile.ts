import type { CpuFeatureProfile } from '../../../api/cpu-feature-profile.ts'
import type { Plan } from '../../../api/plan.ts'
import { rfc3339 } from '../../../kube/rfc3339.ts'
import { revisionName } from '../../../plan/revision-name.ts'
import { isOfNodes } from '../../../profile/baseline/baseline-of-nodes.ts'
import type { ReconcilerContext } from '../../reconciler.ts'
import { silence } from '../../silent-nodes.ts'
import { placedVm, strandedVms, type PlacedVm } from '../../stranded-vms.ts'
import { compileStored } from './compile-stored.ts'
import type { ProfileFacts } from './decide-profile.ts'
import { judgeRevision, type JudgedRevision } from './judge-revision.ts'
import { keptBaseline } from './keep-baseline.ts'

type Context = Pick<ReconcilerContext, 'state' | 'judgements' | 'clock'>

/** What is known of a profile, and after how many ms that changes by itself; undefined if it does not. */
export type GatheredProfile = { readonly facts: ProfileFacts; readonly changesInMs: number | undefined }

/** The revision of a compiled plan; as it is stored if it is, for pods get that one. */
const compiledRevision = (
  { state }: Context,
  { metadata }: CpuFeatureProfile,
  plan: Plan,
): Pick<JudgedRevision, 'name' | 'plan'> => {
  const name = revisionName(metadata.name, plan)
  return { name, plan: state.revisions.get({ name })?.spec ?? plan }
}

/** The revision that the status names: a mistake in the spec must not take it from new pods. */
const lastGood = (
  { state }: Context,
  { status }: CpuFeatureProfile,
): Pick<JudgedRevision, 'name' | 'plan'> | undefined => {
  const name = status?.currentRevision
  const revision = name === undefined ? undefined : state.revisions.get({ name })
  return revision === undefined ? undefined : { name: revision.metadata.name, plan: revision.spec }
}

const strandedOf = ({ state, judgements }: Context, profile: CpuFeatureProfile): readonly PlacedVm[] => {
  const vms = state.podsByProfile.of(profile.metadata.name).flatMap((pod) => placedVm(pod) ?? [])
  return strandedVms(vms, {
    classes: state.classes.entries(),
    revision: (name) => state.revisions.get({ name }),
    judge: judgements,
    acceptsOneWay: profile.spec.tolerate?.surplus === 'AcceptOneWay',
  })
}

/** Since when a profile waits for nodes, in ms since 1970; undefined if it has its baseline, or takes none from nodes. */
const waitingSince = (
  { clock }: Context,
  { spec, status }: CpuFeatureProfile,
  kept: ProfileFacts['kept'],
): number | undefined => {
  const { nodes } = spec.base
  if (nodes === undefined || isOfNodes(kept, nodes)) return undefined
  return status?.waitingSince === undefined ? clock.now() : Date.parse(status.waitingSince)
}

/** Gathers what decides about a profile, and compiles it. */
export const gatherProfile = (context: Context, profile: CpuFeatureProfile): GatheredProfile => {
  const { state, judgements, clock } = context
  const classes = state.classes.entries()
  const selection = state.selection(profile.spec.base.nodes?.selector ?? {})
  const kept = keptBaseline(state.baselines.get({ name: profile.metadata.name }), profile)
  const waitingSinceMs = waitingSince(context, profile, kept)
  const { nodes: unreported, changesInMs } = silence(selection.unreported, {
    nowMs: clock.now(),
    waitingSinceMs,
  })
  const result = compileStored({ profile, classes, selection, unreported, kept })
  const serving =
    result.kind === 'compiled' ? compiledRevision(context, profile, result.plan) : lastGood(context, profile)
  const facts = {
    kept,
    result,
    waitingSince: waitingSinceMs === undefined ? undefined : rfc3339(waitingSinceMs),
    serving: serving === undefined ? undefined : judgeRevision(serving, classes, judgements),
    stranded: strandedOf(context, profile),
    reports: { total: state.classes.total, withoutKvm: state.classes.withoutKvm },
  }
  return { facts, changesInMs }
}
