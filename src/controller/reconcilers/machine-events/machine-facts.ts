import { createHash } from 'node:crypto'
import { POD_APPLIED_CONDITION, POD_SCHEDULABLE_CONDITION } from '../../../api/names.ts'
import type { OwnerReference } from '../../../api/object-meta.ts'
import type { Pod } from '../../pod.ts'

/** What was done or tried when a condition of a pod became False. */
const ACTIONS: Readonly<Record<string, string>> = {
  [POD_SCHEDULABLE_CONDITION]: 'Schedule',
  [POD_APPLIED_CONDITION]: 'Launch',
}

/** Something about a pod that the owner of its virtual machine should know. */
export type MachineFact = {
  /** The same for the same fact, whoever finds it, and no other. */
  readonly id: string
  readonly reason: string
  readonly action: string
  readonly note: string
  /** Since when, in milliseconds since the epoch. */
  readonly sinceMs: number
}

/** KubeVirt's group, in whatever version. Whoever creates a pod writes this: nothing else may follow. */
const KUBEVIRT = /^kubevirt\.io\/v[0-9][0-9a-z]*$/

/** The controller of an object, if it is one of KubeVirt of this kind. */
export const kubevirtOwner = (
  owners: readonly OwnerReference[] | undefined,
  kind: 'VirtualMachineInstance' | 'VirtualMachine',
): OwnerReference | undefined =>
  owners?.find((one) => one.controller === true && one.kind === kind && KUBEVIRT.test(one.apiVersion))

/** What keeps the VM of a pod from showing its profile, or from starting. A later message of the same reason is the same fact. */
export const machineFacts = (pod: Pod): readonly MachineFact[] => {
  const { name, uid = '' } = pod.metadata
  return (pod.status?.conditions ?? []).flatMap(({ type, status, reason, message, lastTransitionTime }) => {
    const action = ACTIONS[type]
    if (status !== 'False' || action === undefined) return []
    const identity = JSON.stringify([uid, type, reason, lastTransitionTime])
    const id = createHash('sha256').update(identity).digest('hex').slice(0, 16)
    return { id, reason, action, note: `pod ${name}: ${message}`, sinceMs: Date.parse(lastTransitionTime) }
  })
}
