import type { PlanFinding, ReachFinding, ToleratedDifference } from '../../api/finding.ts'
import type { Plan } from '../../api/plan.ts'
import { areTrialsWhole } from '../../prediction/prediction-host.ts'
import { reach } from '../../compatibility/reach.ts'
import type { Reach } from '../../compatibility/reach.ts'
import { verdict } from '../../compatibility/verdict.ts'
import type { PlanReason } from '../../catalogue/plan-reasons.ts'
import type { ReachReason } from '../../catalogue/reach-reasons.ts'
import { masksKnown } from '../input/named-class.ts'
import type { NamedClass } from '../input/named-class.ts'

/**
 * The verdict on a host class under a plan. `unproven`: nothing known speaks against the plan, but nobody tried values on the host
 * (`basis`). Only the rules say what its KVM accepts; without writable masks not even they can.
 */
export type ClassVerdict = {
  readonly class: NamedClass
  readonly verdict: 'compatible' | 'incompatible' | 'unproven'
  readonly basis: 'trials' | 'rules' | 'no-masks'
  readonly findings: readonly PlanFinding[]
  readonly tolerated: readonly ToleratedDifference[]
}

/** The reach of a pair of classes; `unknown` if only a measurement is missing. */
export type PairReach = {
  readonly from: NamedClass
  readonly to: NamedClass
  readonly reach: 'both-ways' | 'one-way' | 'never' | 'unknown'
  readonly findings: readonly ReachFinding[]
}

/** A plan judged against host classes. */
export type CheckReport = { readonly verdicts: readonly ClassVerdict[]; readonly pairs: readonly PairReach[] }

const MEASUREMENT_MISSING = new Set<string>([
  'CounterFrequencyUnknown',
  'ZeroBlockSizeUnknown',
  'TagLineUnknown',
] satisfies (PlanReason & ReachReason)[])

// Reasons that do not count against a host without known masks: it may show the values, but nobody asked its KVM.
const UNKNOWN_WITHOUT_MASKS = new Set<string>([
  ...MEASUREMENT_MISSING,
  ...([
    'FieldNotWritable',
    'FieldValueRefused',
    'RegisterValueRefused',
    'StoredOtherwise',
    'ImplementationIdNotWritable',
  ] satisfies PlanReason[]),
])

const basisOf = ({ host }: NamedClass): ClassVerdict['basis'] => {
  if (!masksKnown(host)) return 'no-masks'
  return areTrialsWhole(host) ? 'trials' : 'rules'
}

// Reasons that only say that something was not measured, on a host without trials or without masks.
const OPEN: Readonly<Record<ClassVerdict['basis'], ReadonlySet<string>>> = {
  trials: new Set(),
  rules: MEASUREMENT_MISSING,
  'no-masks': UNKNOWN_WITHOUT_MASKS,
}

/** The verdict on one class, with all findings. */
export const judgeClass = (plan: Plan, one: NamedClass): ClassVerdict => {
  const judged = verdict(plan, one.host)
  const basis = basisOf(one)
  if (judged.kind === 'compatible') {
    return {
      class: one,
      verdict: basis === 'trials' ? 'compatible' : 'unproven',
      basis,
      findings: [],
      tolerated: judged.tolerated,
    }
  }
  const isOpen = judged.findings.every(({ reason }) => OPEN[basis].has(reason))
  return {
    class: one,
    verdict: isOpen ? 'unproven' : 'incompatible',
    basis,
    findings: judged.findings,
    tolerated: [],
  }
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

/** Every pair of a list, once. */
export const pairsOf = <T>(items: readonly T[]): readonly (readonly [T, T])[] =>
  items.flatMap((a, index) => items.slice(index + 1).map((b) => [a, b] as const))

/** Judges a plan against every class, and the reach of each pair of classes that fit. */
export const checkPlan = (plan: Plan, classes: readonly NamedClass[]): CheckReport => {
  const verdicts = classes.map((one) => judgeClass(plan, one))
  const fitting = verdicts.filter((one) => one.verdict !== 'incompatible').map((one) => one.class)
  return { verdicts, pairs: pairsOf(fitting).map(([a, b]) => pairReach(plan, a, b)) }
}
