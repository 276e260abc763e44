import type { PlanFinding, ReachFinding, ToleratedDifference } from '../../api/finding.ts'
import type { Plan } from '../../api/plan.ts'
import { areTrialsWhole } from '../../prediction/prediction-host.ts'
import { reach } from '../../compatibility/reach.ts'
import type { Reach } from '../../compatibility/reach.ts'
import { verdict } from '../../compatibility/verdict.ts'
import { tellsMasks } from '../../prediction/told-of-host.ts'
import type { NamedClass } from '../input/named-class.ts'

/**
 * The verdict on a host class under a plan. `unproven`: nothing known speaks against the plan, but something that decides is unknown
 * (`findings`), or nobody tried values on the host (`basis`). Then only the rules say what its KVM accepts; without writable masks
 * not even they can.
 */
export type ClassVerdict = {
  readonly class: NamedClass
  readonly verdict: 'compatible' | 'incompatible' | 'unproven'
  readonly basis: 'trials' | 'rules' | 'no-masks'
  readonly findings: readonly PlanFinding[]
  readonly tolerated: readonly ToleratedDifference[]
}

/** The reach of a pair of classes; `unknown` if nothing known speaks against it, and something that decides is unknown. */
export type PairReach = {
  readonly from: NamedClass
  readonly to: NamedClass
  readonly reach: 'both-ways' | 'one-way' | 'never' | 'unknown'
  readonly findings: readonly ReachFinding[]
}

/** A plan judged against host classes. */
export type CheckReport = { readonly verdicts: readonly ClassVerdict[]; readonly pairs: readonly PairReach[] }

const basisOf = ({ host }: NamedClass): ClassVerdict['basis'] => {
  if (!tellsMasks(host)) return 'no-masks'
  return areTrialsWhole(host) ? 'trials' : 'rules'
}

/** The verdict on one class, with all findings. */
export const judgeClass = (plan: Plan, one: NamedClass): ClassVerdict => {
  const judged = verdict(plan, one.host)
  const said = { class: one, basis: basisOf(one) }
  switch (judged.kind) {
    case 'compatible': {
      const found = said.basis === 'trials' ? 'compatible' : 'unproven'
      return { ...said, verdict: found, findings: [], tolerated: judged.tolerated }
    }
    case 'unknown':
      return { ...said, verdict: 'unproven', findings: judged.findings, tolerated: [] }
    case 'incompatible':
      return { ...said, verdict: 'incompatible', findings: judged.findings, tolerated: [] }
    default:
      return judged satisfies never
  }
}

const oriented = (found: Reach, a: NamedClass, b: NamedClass): PairReach => {
  if (found.kind === 'one-way' && found.direction === 'b-to-a') {
    return { from: b, to: a, reach: 'one-way', findings: found.findings }
  }
  return { from: a, to: b, reach: found.kind, findings: found.findings }
}

/** The reach of two classes under a plan; of a class with itself, that of any two of its hosts. */
const pairReach = (plan: Plan, a: NamedClass, b: NamedClass): PairReach =>
  oriented(reach(plan, a.host, b.host), a, b)

/** Every pair of a list, once. */
const pairsOf = <T>(items: readonly T[]): readonly (readonly [T, T])[] =>
  items.flatMap((a, index) => items.slice(index + 1).map((b) => [a, b] as const))

/**
 * The reach of every pair of classes. The hosts of one class are alike in all that their documents tell: where these do not tell what
 * decides, nobody knows whether they reach each other, and the class is a pair of its own.
 */
export const pairsUnder = (plan: Plan, classes: readonly NamedClass[]): readonly PairReach[] => [
  ...pairsOf(classes).map(([a, b]) => pairReach(plan, a, b)),
  ...classes
    .filter(({ names }) => names.length > 1)
    .map((one) => pairReach(plan, one, one))
    .filter((pair) => pair.reach !== 'both-ways'),
]

/** Judges a plan against every class, and the reach of each pair of classes that fit. */
export const checkPlan = (plan: Plan, classes: readonly NamedClass[]): CheckReport => {
  const verdicts = classes.map((one) => judgeClass(plan, one))
  const fitting = verdicts.filter((one) => one.verdict !== 'incompatible').map((one) => one.class)
  return { verdicts, pairs: pairsUnder(plan, fitting) }
}
