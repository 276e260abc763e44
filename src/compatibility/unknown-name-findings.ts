import type { PlanFinding } from '../api/finding.ts'
import { planFinding } from '../catalogue/plan-reasons.ts'
import type { UnknownName } from '../plan/read-plan.ts'

/** Why a plan that names what this version does not know fits no host. */
export const unknownNameFindings = (names: readonly UnknownName[]): readonly PlanFinding[] =>
  names.map((name) => planFinding('UnknownRegister', 'feature' in name ? { wanted: name.feature } : name))
