import { PROFILE_CONDITIONS, type CpuFeatureProfileStatus } from '../../../api/cpu-feature-profile.ts'
import type { ProfileDecision } from './decide-profile.ts'

/** An Event about a profile. */
export type ProfileEvent = {
  readonly type: 'Normal' | 'Warning'
  readonly reason: string
  readonly note: string
  readonly action: string
}

/** The Event for a profile whose condition Schedulable has changed its status or reason; otherwise none. */
export const profileEvent = (
  before: CpuFeatureProfileStatus | undefined,
  decision: ProfileDecision,
): ProfileEvent | undefined => {
  const is = PROFILE_CONDITIONS.schedulable
  const now = decision.conditions.find(({ type }) => type === is)
  const old = before?.conditions?.find(({ type }) => type === is)
  if (now === undefined || (old?.status === now.status && old.reason === now.reason)) return undefined
  const type = now.status === 'True' ? 'Normal' : 'Warning'
  return { type, reason: now.reason, note: now.message, action: 'Compile' }
}
