import { NO_REVISION, PROFILE_LABEL, REVISION_ANNOTATION } from '../../api/names.ts'
import type { ObjectMeta } from '../../kube/kube-object.ts'
import type { ContainerRefusal } from '../../catalogue/container-refusals.ts'
import { isStaticPodUid } from './static-pod-uid.ts'

/** Why the calls of a container go on as if there were no filter. */
export const PASS_REASONS = ['unlabelled', 'revision-none', 'break-glass'] as const
export type PassReason = (typeof PASS_REASONS)[number]

/** What is done with the VMs of a container. */
export type ContainerTreatment =
  | { readonly kind: 'level'; readonly revision: string }
  | { readonly kind: 'pass'; readonly why: PassReason }
  /** Its KVM_CREATE_VM fails; `detail`: what the message adds. */
  | { readonly kind: 'refuse'; readonly reason: ContainerRefusal; readonly detail: string }

/** The part of a pod that decides. */
export type PodOfContainer = { readonly metadata: ObjectMeta }

export type TreatmentFacts = {
  /** The pod that has the name; undefined if there is none. */
  readonly pod: PodOfContainer | undefined
  /** The uid of the container's pod, by its runtime. */
  readonly uid: string
  readonly breakGlass: boolean
}

/** The kubelet gives the containers of a static pod this hash for a uid; its mirror pod at the API server has another (kubetypes). */
const STATIC_POD_HASH = 'kubernetes.io/config.hash'
/** On the mirror pod of a static pod (core/v1, MirrorPodAnnotationKey). */
const MIRROR_POD = 'kubernetes.io/config.mirror'

const isSamePod = ({ uid, annotations }: ObjectMeta, wanted: string): boolean =>
  uid === wanted || annotations?.[STATIC_POD_HASH] === wanted

/** What is done with the VMs of a container, given its pod. */
export const containerTreatment = ({ pod, uid, breakGlass }: TreatmentFacts): ContainerTreatment => {
  if (pod === undefined || !isSamePod(pod.metadata, uid)) return unknown(uid)
  const { labels = {}, annotations = {} } = pod.metadata
  const profile = labels[PROFILE_LABEL] ?? ''
  if (profile === '') return { kind: 'pass', why: 'unlabelled' }
  const revision = annotations[REVISION_ANNOTATION] ?? ''
  if (revision === '')
    return unpinned(profile, { breakGlass, isStatic: annotations[MIRROR_POD] !== undefined })
  return revision === NO_REVISION ? { kind: 'pass', why: 'revision-none' } : { kind: 'level', revision }
}

/** A policy of ours has refused the mirror pod, or the kubelet has not created it yet. */
const unknown = (uid: string): ContainerTreatment => ({
  kind: 'refuse',
  reason: isStaticPodUid(uid) ? 'StaticPod' : 'PodGone',
  detail: `uid ${uid}`,
})

const unpinned = (
  profile: string,
  { breakGlass, isStatic }: { readonly breakGlass: boolean; readonly isStatic: boolean },
): ContainerTreatment =>
  breakGlass
    ? { kind: 'pass', why: 'break-glass' }
    : { kind: 'refuse', reason: isStatic ? 'StaticPod' : 'NotPinned', detail: `profile ${profile}` }
