import type { CpuFeatureProfileStatus } from '../../../api/cpu-feature-profile.ts'
import type { ProfileDecision } from './decide-profile.ts'

/** An Event about a profile. */
export type ProfileEvent = {
  readonly type: 'Normal' | 'Warning'
  readonly reason: string
  readonly note: string
  readonly action: string
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
