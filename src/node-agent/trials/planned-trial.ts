import type { CpuFeatureProfileRevision } from '../../api/cpu-feature-profile-revision.ts'
import type { HostDocument } from '../../api/host-document.ts'
import type { Plan } from '../../api/plan.ts'
import { showsImplementation } from '../../compatibility/judged-configuration.ts'
import { unreadablePlan } from '../../compatibility/unreadable-plan.ts'
import { verdict } from '../../compatibility/verdict.ts'
import type { VcpuConfiguration } from '../../discovery/vcpu-configuration.ts'
import { launchPolicy, type LaunchPolicy } from '../../launch/decide/launch-policy.ts'
import { readPlan } from '../../plan/read-plan.ts'

/** What is to be done with a live revision on this node. */
export type PlannedTrial =
  /** Level a vCPU of this configuration as a launch does. */
  | { readonly kind: 'try'; readonly policy: LaunchPolicy; readonly configuration: VcpuConfiguration }
  /** Nothing: the controller does not offer this node for it either. */
  | { readonly kind: 'unfit' }
  /** Nothing: its plan is not what its name says, or a newer version has compiled it. */
  | { readonly kind: 'unreadable'; readonly reasons: readonly string[] }

const tryable = (plan: Plan, host: HostDocument): PlannedTrial => {
  const [read, launch] = [readPlan(plan), launchPolicy(plan)]
  if (read.kind === 'unknown' || launch.kind === 'unusable') return { kind: 'unfit' }
  return {
    kind: 'try',
    policy: launch.policy,
    // What every VM of the plan has. KVM may refuse two features together that the plan only allows.
    configuration: {
      vcpuFeatures: launch.policy.requiredVcpuFeatures,
      implementationId: showsImplementation(read.plan, host),
    },
  }
}

/** Whether and how a revision is tried on a host: only if the engine predicts that the host fits it. */
export const plannedTrial = (
  { metadata, spec }: Pick<CpuFeatureProfileRevision, 'metadata' | 'spec'>,
  host: HostDocument,
): PlannedTrial => {
  const findings = unreadablePlan(metadata.name, spec)
  if (findings.length > 0) return { kind: 'unreadable', reasons: findings.map(({ reason }) => reason) }
  return verdict(spec, host).kind === 'compatible' ? tryable(spec, host) : { kind: 'unfit' }
}
