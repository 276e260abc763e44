import type { PlanFinding } from '../api/finding.ts'
import type { PlanReason } from '../plan/finding-reason.ts'
import type { UnknownName } from '../plan/read-plan.ts'

/** Why a plan that names what this version does not know fits no host. */
export const unknownNameFindings = (names: readonly UnknownName[]): readonly PlanFinding[] =>
  names.map((name) => ({
    reason: 'UnknownRegister' satisfies PlanReason,
    ...('feature' in name ? { wanted: name.feature } : name),
    remedy: 'use the version that compiled the revision',
  }))
