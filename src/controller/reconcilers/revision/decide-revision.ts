import type { CpuFeatureProfileRevision } from '../../../api/cpu-feature-profile-revision.ts'
import { PROFILE_LABEL, REVISION_FINALIZER } from '../../../api/names.ts'
import { profileOfRevision } from '../../../plan/revision-name.ts'

export type RevisionFacts = {
  readonly revision: CpuFeatureProfileRevision
  /** Whether it is the current one of its profile; 'unknown' while that profile has not been compiled since start. */
  readonly current: boolean | 'unknown'
  /** Whether a pod is pinned to it, or is being pinned right now. */
  readonly pinned: boolean
}

export type RevisionDecision =
  | { readonly kind: 'nothing' }
  /** Add our finalizer: a pod is pinned. */
  | { readonly kind: 'hold' }
  /** Remove our finalizer: no pod is pinned. */
  | { readonly kind: 'release' }
  /** Label it with its profile. */
  | { readonly kind: 'label'; readonly profile: string }
  /** Neither current nor pinned. */
  | { readonly kind: 'delete' }

const labelled = ({ name, labels }: CpuFeatureProfileRevision['metadata']): RevisionDecision => {
  const profile = profileOfRevision(name)
  return labels?.[PROFILE_LABEL] === profile ? { kind: 'nothing' } : { kind: 'label', profile }
}

/** What to do with a revision. */
export const decideRevision = ({ revision, current, pinned }: RevisionFacts): RevisionDecision => {
  const { metadata } = revision
  const held = metadata.finalizers?.includes(REVISION_FINALIZER) === true
  if (!pinned && held) return { kind: 'release' }
  // The API server accepts no new finalizer on an object that is being deleted.
  if (metadata.deletionTimestamp !== undefined) return { kind: 'nothing' }
  if (pinned && !held) return { kind: 'hold' }
  if (!pinned && current === false) return { kind: 'delete' }
  return labelled(metadata)
}
