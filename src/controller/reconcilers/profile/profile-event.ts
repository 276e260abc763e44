import type { CpuFeatureProfileStatus } from '../../../api/cpu-feature-profile.ts'
import type { ProfileEventReason } from '../../../catalogue/condition-reasons.ts'
import type { ProfileDecision } from './decide-profile.ts'

/** events.k8s.io/v1 limits a note to 1024 bytes; this leaves room for the words around. */
const LONGEST_NAMES = 700

/** An Event about a profile. */
export type ProfileEvent = {
  readonly type: 'Normal' | 'Warning'
  readonly reason: string
  readonly note: string
  readonly action: string
}

/** The Event for a profile of which a VM can go nowhere, and none could not before. `status.strandedVms` has those that come later. */
export const strandedEvent = (
  before: CpuFeatureProfileStatus | undefined,
  { status: { strandedVms } }: Pick<ProfileDecision, 'status'>,
): ProfileEvent | undefined => {
  if (strandedVms === undefined || strandedVms.count === 0) return undefined
  if ((before?.strandedVms?.count ?? 0) > 0) return undefined
  const named = strandedVms.sample.map(({ namespace, name, node }) => `${namespace}/${name} on ${node}`)
  const more = strandedVms.count - named.length
  return {
    type: 'Warning',
    reason: 'VmsStranded' satisfies ProfileEventReason,
    note:
      `no other node can take these VMs (pods): ${named.join(', ')}`.slice(0, LONGEST_NAMES) +
      `${more > 0 ? ` and ${more} more` : ''}. status.classes and status.reach say why. Bring a node back that fits their revision, ` +
      'or restart them: a new pod gets the current revision',
    action: 'Judge',
  }
}

/**
 * The Event for a profile that has a condition with a new status or reason: of several the first that is False, because later ones
 * follow from it, or else the last.
 */
export const profileEvent = (
  before: CpuFeatureProfileStatus | undefined,
  decision: ProfileDecision,
): ProfileEvent | undefined => {
  const changed = decision.conditions.filter((now) => {
    const old = before?.conditions?.find(({ type }) => type === now.type)
    return old?.status !== now.status || old.reason !== now.reason
  })
  const told = changed.find(({ status }) => status === 'False') ?? changed.at(-1)
  if (told === undefined) return undefined
  const type = told.status === 'True' ? 'Normal' : 'Warning'
  return { type, reason: told.reason, note: told.message, action: 'Compile' }
}
