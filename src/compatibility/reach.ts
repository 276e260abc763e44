import type { ReachFinding } from '../api/finding.ts'
import type { HostDocument } from '../api/host-document.ts'
import type { Plan } from '../api/plan.ts'
import type { VcpuFeature } from '../api/vcpu-feature.ts'
import { isUnknownReach } from '../catalogue/reach-reasons.ts'
import { hostLimits } from '../profile/baseline/host-limits.ts'
import type { HostLimits } from '../profile/baseline/host-limits.ts'
import { readPlan, type ResolvedPlan } from '../plan/read-plan.ts'
import { cacheObstacles } from './cache-obstacles.ts'
import { firmwareObstacles } from './firmware-obstacles.ts'
import { hostObstacles, presentVcpuFeatures } from './host-obstacles.ts'
import { showsImplementation } from './judged-configuration.ts'
import { listObstacles } from './list-obstacles.ts'
import { findingOf, obstacle, type ReachObstacle } from './reach-obstacle.ts'
import { registerObstacles } from './register-obstacles.ts'

/** Whether VMs of a plan can move between two hosts, and what decides. */
export type Reach =
  | { readonly kind: 'both-ways'; readonly findings: readonly [] }
  | {
      readonly kind: 'one-way'
      readonly direction: 'a-to-b' | 'b-to-a'
      readonly findings: readonly ReachFinding[]
    }
  | { readonly kind: 'never'; readonly findings: readonly ReachFinding[] }
  /** Nothing that is known keeps VMs from moving both ways, or one way; something that decides is unknown. */
  | { readonly kind: 'unknown'; readonly findings: readonly ReachFinding[] }

const registersAndLists = (
  plan: ResolvedPlan,
  a: HostDocument,
  b: HostDocument,
): readonly ReachObstacle[] => {
  const common: readonly VcpuFeature[] = presentVcpuFeatures(plan, a).filter((feature) =>
    presentVcpuFeatures(plan, b).includes(feature),
  )
  const [limitsA, limitsB] = [a, b].map((host) =>
    hostLimits(host, {
      vcpuFeatures: common,
      implementationId: showsImplementation(plan, host),
    }),
  )
  if (limitsA?.prediction === undefined || limitsB?.prediction === undefined) {
    const text = (limits: HostLimits | undefined): string =>
      limits?.prediction === undefined ? 'unknown' : 'known'
    return [obstacle('both', 'ConfigurationUnknown', { a: text(limitsA), b: text(limitsB) })]
  }
  return [
    ...registerObstacles(plan, limitsA.prediction, limitsB.prediction),
    ...listObstacles(plan, limitsA, limitsB),
  ]
}

/** Whether VMs can move one way, past these obstacles. */
export const wayOf = (
  obstacles: readonly ReachObstacle[],
  way: 'a-to-b' | 'b-to-a',
): 'open' | 'closed' | 'unknown' => {
  const blocking = obstacles.filter(({ blocks }) => blocks === 'both' || blocks === way)
  if (blocking.length === 0) return 'open'
  return blocking.every(({ about }) => isUnknownReach(about)) ? 'unknown' : 'closed'
}

/** Everything that keeps VMs of a plan from moving between two hosts. */
export const reachObstacles = (
  plan: ResolvedPlan,
  a: HostDocument,
  b: HostDocument,
): readonly ReachObstacle[] => [
  ...hostObstacles(plan, a, b),
  ...firmwareObstacles(plan, a, b),
  ...cacheObstacles(plan, a, b),
  ...registersAndLists(plan, a, b),
]

const reachUnder = (plan: ResolvedPlan, a: HostDocument, b: HostDocument): Reach => {
  const obstacles = reachObstacles(plan, a, b)
  if (obstacles.length === 0) return { kind: 'both-ways', findings: [] }
  const [aToB, bToA] = [wayOf(obstacles, 'a-to-b'), wayOf(obstacles, 'b-to-a')]
  const direction = aToB === 'closed' && bToA !== 'closed' ? 'b-to-a' : 'a-to-b'
  const findings = obstacles.map((one) => findingOf(one, direction))
  if (aToB === 'unknown' || bToA === 'unknown') return { kind: 'unknown', findings }
  return aToB === bToA ? { kind: 'never', findings } : { kind: 'one-way', direction, findings }
}

/**
 * The reach of two hosts under a plan that both fit (verdict is `compatible` for each): what the guest reads untrapped, what
 * the plan does not level, and what was tolerated decide. The findings are about the way that is open, or from `a` to `b` if none is.
 * Two hosts of one class are given as the same document twice.
 * A plan that names what this version does not know fits no host, and the verdict says why.
 */
export const reach = (plan: Plan, a: HostDocument, b: HostDocument): Reach => {
  const read = readPlan(plan)
  return read.kind === 'unknown' ? { kind: 'never', findings: [] } : reachUnder(read.plan, a, b)
}
