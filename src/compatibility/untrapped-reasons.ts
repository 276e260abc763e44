import type { PlanReason } from '../catalogue/plan-reasons.ts'
import type { ReachReason } from '../catalogue/reach-reasons.ts'
import type { ComparedUntrapped, UntrappedFact } from '../plan/untrapped.ts'

type Why = Exclude<ComparedUntrapped['is'], 'equal'>

/** Why hosts do not fit a plan, or do not reach each other, by what their guests read untrapped. */
export const UNTRAPPED_REASONS = {
  counterFrequency: { different: 'CounterFrequencyDiffers', unknown: 'CounterFrequencyUnknown' },
  dczid: { different: 'ZeroBlockSizeDiffers', unknown: 'ZeroBlockSizeUnknown' },
  tminLine: { different: 'TagLineDiffers', unknown: 'TagLineUnknown' },
} as const satisfies Readonly<Record<UntrappedFact, Readonly<Record<Why, PlanReason & ReachReason>>>>
