import type { ReachFinding } from '../api/finding.ts'
import type { HostDocument } from '../api/host-document.ts'
import type { Plan } from '../api/plan.ts'
import type { VcpuFeature } from '../api/vcpu-feature.ts'
import { hostLimits } from '../profile/baseline/host-limits.ts'
import { readPlan, type ResolvedPlan } from '../plan/read-plan.ts'
import { firmwareObstacles } from './firmware-obstacles.ts'
import { hostObstacles, presentVcpuFeatures } from './host-obstacles.ts'
import { showsImplementation } from './judged-configuration.ts'
import { listObstacles } from './list-obstacles.ts'
import { findingOf, type ReachObstacle } from './reach-obstacle.ts'
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
  if (limitsA?.prediction === undefined || limitsB?.prediction === undefined) return []
  return [
    ...registerObstacles(plan, limitsA.prediction, limitsB.prediction),
    ...listObstacles(plan, limitsA, limitsB),
  ]
}

const reachUnder = (plan: ResolvedPlan, a: HostDocument, b: HostDocument): Reach => {
  const obstacles = [
    ...hostObstacles(plan, a, b),
    ...firmwareObstacles(plan, a, b),
    ...registersAndLists(plan, a, b),
  ]
  const aToB = obstacles.every(({ blocks }) => blocks === 'b-to-a')
  const bToA = obstacles.every(({ blocks }) => blocks === 'a-to-b')
  if (obstacles.length === 0) return { kind: 'both-ways', findings: [] }
  const direction = bToA ? 'b-to-a' : 'a-to-b'
  const findings = obstacles.map((one) => findingOf(one, direction))
  return aToB || bToA ? { kind: 'one-way', direction, findings } : { kind: 'never', findings }
}

/**
 * The reach of two hosts under a plan that both fit (verdict is `compatible` for each): what the guest reads untrapped, what
 * the plan does not level, and what was tolerated decide. The findings are about the way that is open; from `a` to `b` where none is.
 * A plan that names what this version does not know fits no host, and the verdict says why.
 */
export const reach = (plan: Plan, a: HostDocument, b: HostDocument): Reach => {
  const read = readPlan(plan)
  return read.kind === 'unknown' ? { kind: 'never', findings: [] } : reachUnder(read.plan, a, b)
}
