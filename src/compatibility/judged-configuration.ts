import type { HostDocument } from '../api/host-document.ts'
import { VCPU_FEATURES } from '../api/vcpu-feature.ts'
import type { ResolvedPlan } from '../plan/read-plan.ts'
import type { VcpuConfiguration } from '../prediction/prediction-host.ts'
import { showsOtherImplementation } from '../prediction/told-of-host.ts'

/** Whether a launch under the plan makes the implementation ID writable on this host. */
export const showsImplementation = ({ registers }: ResolvedPlan, document: HostDocument): boolean =>
  registers.some(({ kind }) => kind === 'implementation') && showsOtherImplementation(document) === 'yes'

/**
 * The vCPU configuration a plan is judged by on a host: what it requires, and where it leaves a feature to the VMM and says
 * something of its fields, that feature if the host has it: without it those fields are zero and nothing is written.
 */
export const judgedConfiguration = (plan: ResolvedPlan, document: HostDocument): VcpuConfiguration => ({
  vcpuFeatures: VCPU_FEATURES.filter((feature) => {
    if (plan.vcpuFeatures[feature] === 'Required') return true
    return plan.optionalFeatures.includes(feature) && document.vcpuFeatures.includes(feature)
  }),
  implementationId: showsImplementation(plan, document),
})
