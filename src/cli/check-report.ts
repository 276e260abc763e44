import type { Finding, ToleratedDifference } from '../api/finding.ts'
import type { Plan } from '../api/plan.ts'
import { reach } from '../compatibility/reach.ts'
import type { Reach } from '../compatibility/reach.ts'
import { verdict } from '../compatibility/verdict.ts'
import type { FindingReason } from '../profile/finding-reason.ts'
import { masksKnown } from './named-class.ts'
import type { NamedClass } from './named-class.ts'

/**
 * What a host class makes of a plan. `unproven`: only KVM's answer to a write is missing, which a dump without writable masks
 * does not give.
 */
export type ClassVerdict = {
  readonly class: NamedClass
  readonly verdict: 'compatible' | 'incompatible' | 'unproven'
  readonly findings: readonly Finding[]
  readonly tolerated: readonly ToleratedDifference[]
}

/** The reach of a pair of classes; `unknown` where only a measurement is missing. */
export type PairReach = {
  readonly from: NamedClass
  readonly to: NamedClass
  readonly reach: 'both-ways' | 'one-way' | 'never' | 'unknown'
  readonly findings: readonly Finding[]
}

/** A plan judged against host classes. */
export type CheckReport = { readonly verdicts: readonly ClassVerdict[]; readonly pairs: readonly PairReach[] }

const MEASUREMENT_MISSING = new Set<string>([
  'CounterFrequencyUnknown',
  'ZeroBlockSizeUnknown',
  'TagLineUnknown',
] satisfies FindingReason[])

// What a host without known masks cannot be blamed for: the values may be shown, and nobody asked its KVM.
const UNKNOWN_WITHOUT_MASKS = new Set<string>([
  ...MEASUREMENT_MISSING,
  ...([
    'FieldNotWritable',
    'FieldValueRefused',
    'RegisterValueRefused',
    'StoredOtherwise',
    'ImplementationIdNotWritable',
  ] satisfies FindingReason[]),
])

/** The verdict of one class, all findings. */
export const judgeClass = (plan: Plan, one: NamedClass): ClassVerdict => {
  const judged = verdict(plan, one.host)
  const proven = masksKnown(one.host)
  if (judged.kind === 'compatible') {
    return {
      class: one,
      verdict: proven ? 'compatible' : 'unproven',
      findings: [],
      tolerated: judged.tolerated,
    }
  }
  const open = !proven && judged.findings.every(({ reason }) => UNKNOWN_WITHOUT_MASKS.has(reason))
  return { class: one, verdict: open ? 'unproven' : 'incompatible', findings: judged.findings, tolerated: [] }
}

const oriented = (found: Reach, a: NamedClass, b: NamedClass): PairReach => {
  if (found.kind === 'one-way' && found.direction === 'b-to-a') {
    return { from: b, to: a, reach: 'one-way', findings: found.findings }
  }
  return { from: a, to: b, reach: found.kind, findings: found.findings }
}

/** The reach of two classes under a plan. */
export const pairReach = (plan: Plan, a: NamedClass, b: NamedClass): PairReach => {
  const found = oriented(reach(plan, a.host, b.host), a, b)
  const decisive = found.findings.filter(({ reason }) => !MEASUREMENT_MISSING.has(reason))
  return found.reach === 'never' && decisive.length === 0 ? { ...found, reach: 'unknown' } : found
}

/** Every pair of a list, each once. */
export const pairsOf = <T>(items: readonly T[]): readonly (readonly [T, T])[] =>
  items.flatMap((a, index) => items.slice(index + 1).map((b) => [a, b] as const))

/** Judges a plan against every class, and the reach of each pair that fits. */
export const checkPlan = (plan: Plan, classes: readonly NamedClass[]): CheckReport => {
  const verdicts = classes.map((one) => judgeClass(plan, one))
  const fitting = verdicts.filter((one) => one.verdict !== 'incompatible').map((one) => one.class)
  return { verdicts, pairs: pairsOf(fitting).map(([a, b]) => pairReach(plan, a, b)) }
}
