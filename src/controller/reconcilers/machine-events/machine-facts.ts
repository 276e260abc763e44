import { createHash } from 'node:crypto'
import { POD_APPLIED_CONDITION, POD_SCHEDULABLE_CONDITION } from '../../../api/names.ts'
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
