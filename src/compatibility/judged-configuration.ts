import type { HostDocument } from '../api/host-document.ts'
import { VCPU_FEATURES } from '../api/vcpu-feature.ts'
import type { ResolvedPlan } from '../plan/read-plan.ts'
import type { VcpuConfiguration } from '../prediction/prediction-host.ts'
import { showsOtherImplementation } from '../prediction/told-of-host.ts'

/** Whether a launch under the plan makes the implementation ID writable on this host. */
export const showsImplementation = ({ registers }: ResolvedPlan, document: HostDocument): boolean =>
  registers.some(({ kind }) => kind === 'implementation') && showsOtherImplementation(document) === 'yes'

/**
 * The vCPU configuration by which a plan is judged on a host: the features that it requires, and those that it leaves to the VMM, says
 * something of, and the host has. Without such a feature its fields are zero and a launch writes nothing there.
 */
export const judgedConfiguration = (plan: ResolvedPlan, document: HostDocument): VcpuConfiguration => ({
  vcpuFeatures: VCPU_FEATURES.filter((feature) => {
    if (plan.vcpuFeatures[feature] === 'Required') return true
    return plan.optionalFeatures.includes(feature) && document.vcpuFeatures.includes(feature)
  }),
  implementationId: showsImplementation(plan, document),
})
