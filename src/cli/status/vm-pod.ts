import type { Condition } from '../../api/condition.ts'
import {
  NO_REVISION,
  POD_APPLIED_CONDITION,
  POD_SCHEDULABLE_CONDITION,
  REVISION_ANNOTATION,
} from '../../api/names.ts'
import { gateIndex, type PinnedPod } from '../../api/pod-pin.ts'
import { PASSED_REASON } from '../../catalogue/applied-reasons.ts'
import type { KubeObject } from '../../kube/kube-object.ts'
import { defineResource } from '../../kube/resource.ts'

/** The part of a core/v1 Pod that says how its VM stands. */
export type VmPod = KubeObject &
  PinnedPod & {
    spec: { nodeName?: string }
    status?: { phase?: string; conditions?: Pick<Condition, 'type' | 'status' | 'reason' | 'message'>[] }
  }

export const VM_PODS = defineResource<VmPod>({
  ...{ apiVersion: 'v1', kind: 'Pod', plural: 'pods', namespaced: true },
})

/** How far a pod that names a profile has come. */
export const POD_STATES = {
  waiting: 'waits for a revision',
  unplaced: 'has no node',
  starting: 'starts',
  levelled: 'shows its profile',
  unlevelled: 'runs without its profile, on purpose',
  failed: 'may not show its profile',
} as const

export type PodState = keyof typeof POD_STATES

/** How a pod stands; `why` if somebody should look at it. */
export type PodStanding = { readonly state: PodState; readonly why?: string }

const withReason = (state: PodState, why: string | undefined): PodStanding => ({
  state,
  ...(why !== undefined && { why }),
})

const conditionOf = ({ status }: VmPod, type: string) => status?.conditions?.find((one) => one.type === type)

/** Before the node-agent has said something of it. */
const beforeLaunch = (pod: VmPod): PodStanding => {
  const schedulable = conditionOf(pod, POD_SCHEDULABLE_CONDITION)
  const unfit = schedulable?.status === 'False' ? schedulable.message : undefined
  if (gateIndex(pod) >= 0) return withReason('waiting', unfit)
  if (pod.metadata.annotations?.[REVISION_ANNOTATION] === NO_REVISION) return { state: 'unlevelled' }
  if (pod.spec.nodeName !== undefined) return { state: 'starting' }
  const placed = conditionOf(pod, 'PodScheduled')
  return withReason('unplaced', unfit ?? (placed?.reason === 'Unschedulable' ? placed.message : undefined))
}

/** How a pod that names a profile, and has not finished, stands. */
export const podStanding = (pod: VmPod): PodStanding => {
  const applied = conditionOf(pod, POD_APPLIED_CONDITION)
  if (applied === undefined) return beforeLaunch(pod)
  if (applied.status === 'True') return { state: 'levelled' }
  return applied.reason === PASSED_REASON ? { state: 'unlevelled' } : withReason('failed', applied.message)
}
