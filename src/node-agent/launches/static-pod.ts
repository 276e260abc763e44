import { PASSED_REASON, STATIC_POD_MESSAGE } from '../../catalogue/applied-reasons.ts'
import { appliedCondition } from './applied-condition.ts'
import type { ContainerIdentity } from './container-identity.ts'
import type { ContainerNews } from './container-news.ts'
import { isStaticPodUid } from './static-pod-uid.ts'

/** Whether news are of a static pod, as far as its UID or what was decided of it tells. */
export const isOfStaticPod = ({ uid }: ContainerIdentity['pod'], news: ContainerNews): boolean =>
  isStaticPodUid(uid) || (news.kind === 'refused' && news.reason === 'StaticPod')

/** What an Event says of a container of a static pod; undefined if there is nothing to say. */
export type StaticPodEvent = {
  readonly type: 'Normal' | 'Warning'
  readonly reason: string
  readonly note: string
}

/** Nobody reads a condition of a static pod: the kubelet keeps the status of its mirror pod. So it is told by an Event. */
export const staticPodEvent = (container: string, news: ContainerNews): StaticPodEvent | undefined => {
  if (news.kind === 'passed') {
    const note = `VMs of container ${container} are not levelled: ${STATIC_POD_MESSAGE}`
    return { type: 'Warning', reason: PASSED_REASON, note }
  }
  const condition = appliedCondition(container, news)
  if (condition === undefined) return undefined
  const { status, reason, message } = condition
  return { type: status === 'True' ? 'Normal' : 'Warning', reason, note: message }
}
