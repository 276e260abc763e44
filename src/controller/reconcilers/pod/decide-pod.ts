import { whyUnfit } from '../../why-unfit.ts'
import { PROFILE_CONDITIONS, type CpuFeatureProfile } from '../../../api/cpu-feature-profile.ts'
import type { PlacementReason } from '../../../catalogue/condition-reasons.ts'
import { REVISION_ANNOTATION } from '../../../api/names.ts'
import { gateIndex, isFinished, profileOf, type Pod } from '../../pod.ts'

export type PodFacts = {
  readonly pod: Pod
  /** The profile that its label names; undefined if there is none. */
  readonly profile: CpuFeatureProfile | undefined
  /** Whether the current revision of the profile exists and can be held. */
  readonly canHold: boolean
}

export type PodDecision =
  | { readonly kind: 'nothing' }
  /** The profile is being compiled. A change of its status brings the pod here again. */
  | { readonly kind: 'wait' }
  | { readonly kind: 'pin'; readonly profile: string; readonly revision: string }
  /** The pod stays gated; its condition and an Event say why. */
  | { readonly kind: 'hold'; readonly reason: PlacementReason; readonly message: string }
  /** The pod was pinned and released; its condition should say so. */
  | { readonly kind: 'pinned'; readonly revision: string }

const NOTHING: PodDecision = { kind: 'nothing' }

const isTrue = (profile: CpuFeatureProfile, type: string): boolean =>
  profile.status?.conditions?.find((one) => one.type === type)?.status === 'True'

const messageOf = (profile: CpuFeatureProfile, type: string): string =>
  profile.status?.conditions?.find((one) => one.type === type)?.message ?? ''

/** Why no node fits a compiled profile, class by class. */
const unfitMessage = ({ metadata, status }: CpuFeatureProfile): string => {
  const head = `no node fits revision ${status?.currentRevision ?? ''} of profile ${metadata.name}`
  if (status?.nodes?.total === 0) return `${head}: no node has reported; is the node-agent running?`
  const why = whyUnfit(status?.classes ?? [])
  return `${head}: ${why === '' ? 'no node has a usable KVM' : why}`
}

/** What to do with a gated pod whose profile was compiled in its present generation. */
const decideByStatus = (profile: CpuFeatureProfile, canHold: boolean): PodDecision => {
  const { name } = profile.metadata
  if (!isTrue(profile, PROFILE_CONDITIONS.accepted)) {
    const message = `profile ${name} is not accepted: ${messageOf(profile, PROFILE_CONDITIONS.accepted)}`
    return { kind: 'hold', reason: 'ProfileNotAccepted', message }
  }
  const revision = profile.status?.currentRevision
  if (!isTrue(profile, PROFILE_CONDITIONS.compiled) || revision === undefined) {
    const message = `profile ${name} is not compiled: ${messageOf(profile, PROFILE_CONDITIONS.compiled)}`
    return { kind: 'hold', reason: 'ProfileNotCompiled', message }
  }
  if (!isTrue(profile, PROFILE_CONDITIONS.schedulable))
    return { kind: 'hold', reason: 'NoCompatibleNode', message: unfitMessage(profile) }
  return canHold ? { kind: 'pin', profile: name, revision } : { kind: 'wait' }
}

/** What to do with a pod. */
export const decidePod = ({ pod, profile, canHold }: PodFacts): PodDecision => {
  const asked = profileOf(pod)
  if (asked === undefined || isFinished(pod) || pod.metadata.deletionTimestamp !== undefined) return NOTHING
  if (gateIndex(pod) < 0) {
    const revision = pod.metadata.annotations?.[REVISION_ANNOTATION]
    return revision === undefined ? NOTHING : { kind: 'pinned', revision }
  }
  if (profile === undefined) {
    const message = `there is no CpuFeatureProfile ${asked}; create it, or delete the pod and label it with one that exists`
    return { kind: 'hold', reason: 'ProfileNotFound', message }
  }
  if (profile.status?.observedGeneration !== profile.metadata.generation) return { kind: 'wait' }
  return decideByStatus(profile, canHold)
}
