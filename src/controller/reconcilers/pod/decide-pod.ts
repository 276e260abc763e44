import { PROFILE_CONDITIONS, type CpuFeatureProfile } from '../../../api/cpu-feature-profile.ts'
import type { PlacementReason } from '../../../catalogue/condition-reasons.ts'
import { NO_REVISION, REVISION_ANNOTATION } from '../../../api/names.ts'
import { gateIndex, isFinished } from '../../../api/pod-pin.ts'
import { profileOfRevision } from '../../../plan/revision-name.ts'
import type { MigrationSource } from '../../migration/decide-source.ts'
import { profileOf, type Pod } from '../../pod.ts'
import type { RevisionFit } from '../../revision-fit.ts'

export type PodFacts = {
  readonly pod: Pod
  /** The profile that its label names; undefined if there is none. */
  readonly profile: CpuFeatureProfile | undefined
  /** Why break-glass is on; undefined while it is off. */
  readonly breakGlass: string | undefined
  /** Where its VM comes from, if the pod is the target of a migration. */
  readonly source: MigrationSource | undefined
  /** Whether the revision to which the pod would be pinned exists and can be held: its source's, or the current one. */
  readonly canHold: boolean
  /** Whether a node fits the revision to which the pod is pinned, and the current one; undefined if there is no such revision. */
  readonly fits: { readonly pinned: RevisionFit | undefined; readonly current: RevisionFit | undefined }
}

export type PodDecision =
  | { readonly kind: 'nothing' }
  /** The profile is being compiled, or the gate of another party is there. A change of either brings the pod here again. */
  | { readonly kind: 'wait' }
  | { readonly kind: 'pin'; readonly profile: string; readonly revision: string }
  /** The pod stays gated, or is pinned and has nowhere to go; its condition and an Event say why. */
  | { readonly kind: 'hold' | 'stranded'; readonly reason: PlacementReason; readonly message: string }
  /** The pod was pinned and released; its condition should say so. */
  | { readonly kind: 'pinned'; readonly revision: string }

const NOTHING: PodDecision = { kind: 'nothing' }

const isTrue = (profile: CpuFeatureProfile, type: string): boolean =>
  profile.status?.conditions?.find((one) => one.type === type)?.status === 'True'

const messageOf = (profile: CpuFeatureProfile, type: string): string =>
  profile.status?.conditions?.find((one) => one.type === type)?.message ?? ''

/** What to do with the gated target of a migration: its VM keeps the CPU that it has, whatever its profile says by now. */
const decideTarget = (source: MigrationSource, profile: string, canHold: boolean): PodDecision => {
  if (source.kind === 'unknown') {
    const message = `the pod is the target of a migration, and must get the revision with which its VM runs: ${source.why}`
    return { kind: 'hold', reason: 'MigrationSourceUnknown', message }
  }
  const { revision } = source
  // The last look for pods of a revision, before it goes, is among those that name its profile.
  if (revision !== NO_REVISION && profileOfRevision(revision) !== profile) {
    const message =
      `its VM runs with revision ${revision}, and the pod names profile ${profile}. ` +
      'A running VM keeps its profile: give the VirtualMachineInstance its label cpufeatures.dev/profile back, ' +
      'delete the migration, and begin another one'
    return { kind: 'hold', reason: 'MigrationSourceUnknown', message }
  }
  if (revision === NO_REVISION || canHold) return { kind: 'pin', profile, revision }
  const message = `its VM runs with revision ${revision}, which is gone or is being deleted: restart the VM to get the current one`
  return { kind: 'hold', reason: 'MigrationSourceUnknown', message }
}

/** What to do with a gated pod whose profile was looked at in its present generation. */
const decideByStatus = (profile: CpuFeatureProfile, canHold: boolean): PodDecision => {
  const { name } = profile.metadata
  const revision = profile.status?.currentRevision
  // Whether a node fits is the scheduler's business: people, autoscalers and KubeVirt see what it says, and nothing of a gated pod.
  if (revision !== undefined) return canHold ? { kind: 'pin', profile: name, revision } : { kind: 'wait' }
  if (!isTrue(profile, PROFILE_CONDITIONS.accepted)) {
    const message = `profile ${name} is not accepted: ${messageOf(profile, PROFILE_CONDITIONS.accepted)}`
    return { kind: 'hold', reason: 'ProfileNotAccepted', message }
  }
  const message = `profile ${name} is not compiled: ${messageOf(profile, PROFILE_CONDITIONS.compiled)}`
  return { kind: 'hold', reason: 'ProfileNotCompiled', message }
}

/** The current revision of the profile, if nodes fit it and it is not the one of the pod. */
const successor = (revision: string, { profile, fits }: PodFacts): string | undefined => {
  const current = profile?.status?.currentRevision
  return current !== revision && fits.current?.fits === true ? current : undefined
}

/** What to say of a pod that was pinned. Its affinity cannot change any more. */
const decidePinned = (revision: string, facts: PodFacts): PodDecision => {
  const { pod, fits } = facts
  if (pod.spec.nodeName !== undefined || fits.pinned === undefined || fits.pinned.fits)
    return { kind: 'pinned', revision }
  const why = `no node fits revision ${revision}, to which the pod is pinned: ${fits.pinned.why}`
  const current = successor(revision, facts)
  if (current === undefined) return { kind: 'stranded', reason: fits.pinned.reason, message: why }
  const message = `${why}. Nodes fit ${current}, the current revision of its profile: restart the VM to get it`
  return { kind: 'stranded', reason: 'Superseded', message }
}

/** What to do with a pod that has our gate. */
const decideGated = (asked: string, { pod, profile, source, canHold, breakGlass }: PodFacts): PodDecision => {
  if (breakGlass !== undefined) {
    // Its containers have our seccomp profile, which nobody can take away: released, it might start nowhere.
    const message =
      `break-glass is on (${breakGlass}), so no pod is pinned. Delete the pod to run its VM without the profile: ` +
      'the one that replaces it is not held. Or wait until break-glass is off'
    return { kind: 'hold', reason: 'BreakGlass', message }
  }
  // A pod of which another party has a gate is not ready to be placed. Ours goes last.
  if ((pod.spec.schedulingGates ?? []).length > 1) return { kind: 'wait' }
  if (source !== undefined) return decideTarget(source, asked, canHold)
  if (profile === undefined) {
    const message = `there is no CpuFeatureProfile ${asked}; create it, or delete the pod and label it with one that exists`
    return { kind: 'hold', reason: 'ProfileNotFound', message }
  }
  if (profile.status?.observedGeneration !== profile.metadata.generation) return { kind: 'wait' }
  return decideByStatus(profile, canHold)
}

/** What to do with a pod. */
export const decidePod = (facts: PodFacts): PodDecision => {
  const { pod } = facts
  const asked = profileOf(pod)
  if (asked === undefined || isFinished(pod) || pod.metadata.deletionTimestamp !== undefined) return NOTHING
  if (gateIndex(pod) >= 0) return decideGated(asked, facts)
  const revision = pod.metadata.annotations?.[REVISION_ANNOTATION]
  return revision === undefined ? NOTHING : decidePinned(revision, facts)
}
