import type { HostDocument } from '../api/host-document.ts'
import type { Plan } from '../api/plan.ts'
import { VCPU_FEATURES } from '../api/vcpu-feature-policy.ts'
import type { VcpuFeature } from '../api/vcpu-feature-policy.ts'
import { fieldMask } from '../arm64/field.ts'
import { fieldByName, registerByName } from '../arm64/register.ts'
import { VCPU_FEATURE_FACTS } from '../arm64/vcpu-feature-table.generated.ts'
import type { VcpuConfiguration } from '../prediction/prediction-host.ts'
import { saidBits } from './plan-bits.ts'

const WRITABLE_ID = 'KVM_CAP_ARM_WRITABLE_IMP_ID_REGS'

/** Whether this host's KVM can show another implementation ID than its own (Linux 6.15). */
export const canShowImplementation = ({ capabilities }: HostDocument): boolean =>
  (capabilities[WRITABLE_ID] ?? 0) > 0

/** The bits of a register that are zero unless a VMM asks for this vCPU feature. */
export const bitsOfVcpuFeature = (feature: VcpuFeature, registerName: string): bigint => {
  const register = registerByName(registerName)
  if (register === undefined) return 0n
  return VCPU_FEATURE_FACTS[feature].fields.reduce((bits, [name, fieldName]) => {
    if (name !== registerName) return bits
    const field = fieldName === '*' ? undefined : fieldByName(register, fieldName)
    if (field !== undefined) return bits | fieldMask(field)
    return fieldName === '*' ? (1n << 64n) - 1n : bits
  }, 0n)
}

const specifiesFieldOf = (plan: Plan, feature: VcpuFeature): boolean =>
  VCPU_FEATURE_FACTS[feature].fields.some(
    ([register]) => (saidBits(plan, register) & bitsOfVcpuFeature(feature, register)) !== 0n,
  )

/**
 * The vCPU configuration a plan is judged by on a host: what it requires, and where it leaves a feature to the VMM and says
 * something of its fields, that feature if the host has it: without it those fields are zero and nothing is written.
 */
export const judgedConfiguration = (plan: Plan, document: HostDocument): VcpuConfiguration => ({
  vcpuFeatures: VCPU_FEATURES.filter((feature) => {
    const policy = plan.vcpuFeatures[feature] ?? 'Allowed'
    if (policy !== 'Allowed') return policy === 'Required'
    return document.vcpuFeatures.includes(feature) && specifiesFieldOf(plan, feature)
  }),
  implementationId: plan.implementation !== undefined && canShowImplementation(document),
})
