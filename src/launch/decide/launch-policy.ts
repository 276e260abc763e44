import type { LaunchRefusal } from '../../api/finding.ts'
import type { Plan } from '../../api/plan.ts'
import { VCPU_FEATURES, type VcpuFeature } from '../../api/vcpu-feature.ts'
import { capabilitiesOf } from '../../arm64/vcpu-features.ts'
import type { PlannedRegister } from '../../plan/planned-register.ts'
import { readPlan, type ResolvedPlan, type UnknownName } from '../../plan/read-plan.ts'
import { refusal } from '../../catalogue/refusal-reasons.ts'
import { isVmWide } from './vm-wide-register.ts'

/** Everything that a launch does for a plan. */
export type LaunchPolicy = {
  readonly enforcement: Plan['enforcement']
  readonly registers: readonly PlannedRegister[]
  /** FEAT_ names that a levelled vCPU must show. */
  readonly requiredFeatures: readonly string[]
  /** Whether MIDR, REVIDR and AIDR are to be made writable on each VM. */
  readonly implementationId: boolean
  readonly disabledFeatures: readonly VcpuFeature[]
  readonly requiredVcpuFeatures: readonly VcpuFeature[]
  /** Whether it names a register that KVM keeps for each vCPU by itself: CLIDR_EL1. */
  readonly plansVcpuRegisters: boolean
  /** Names of the capabilities that are answered with 0, by number. */
  readonly hiddenCapabilities: ReadonlyMap<number, string>
  /** The most KVM_CAP_ARM_VM_IPA_SIZE may answer: what PARANGE says; undefined if the plan leaves it. */
  readonly ipaBits: number | undefined
  /** SVE vector lengths in bits, where the plan says. */
  readonly sveVectorLengths: readonly number[] | undefined
  /** KVM register ids left out of the register list. */
  readonly excludedRegisters: ReadonlySet<bigint>
}

/** Whether what cannot be done as planned makes the VMM's call fail. Otherwise the call goes on, and the record says what is missing. */
export const isStrict = ({ enforcement }: Pick<LaunchPolicy, 'enforcement'>): boolean =>
  enforcement === 'Strict'

export type LaunchPolicyResult =
  | { readonly kind: 'policy'; readonly policy: LaunchPolicy }
  | { readonly kind: 'unusable'; readonly refusals: readonly LaunchRefusal[] }

const unknownRefusal = (name: UnknownName): LaunchRefusal => refusal({ reason: 'UnknownRegister', ...name })

const policyOf = (plan: ResolvedPlan): LaunchPolicy => {
  const disabledFeatures = VCPU_FEATURES.filter((feature) => plan.vcpuFeatures[feature] === 'Disabled')
  const hiddenCapabilities = new Map(
    disabledFeatures.flatMap(capabilitiesOf).map(({ number, name }) => [number, name]),
  )
  return {
    enforcement: plan.enforcement,
    registers: plan.registers,
    requiredFeatures: plan.requiredFeatures,
    implementationId: plan.registers.some(({ kind }) => kind === 'implementation'),
    disabledFeatures,
    requiredVcpuFeatures: VCPU_FEATURES.filter((feature) => plan.vcpuFeatures[feature] === 'Required'),
    plansVcpuRegisters: plan.registers.some(({ name, saidBits }) => saidBits !== 0n && !isVmWide(name)),
    hiddenCapabilities,
    ipaBits: plan.ipaBits,
    sveVectorLengths: plan.sveVectorLengths,
    excludedRegisters: plan.excludedRegisters,
  }
}

/** What a launch under this plan does. A plan that names what this version does not know is not launched at all. */
export const launchPolicy = (plan: Plan): LaunchPolicyResult => {
  const read = readPlan(plan)
  return read.kind === 'unknown'
    ? { kind: 'unusable', refusals: read.names.map(unknownRefusal) }
    : { kind: 'policy', policy: policyOf(read.plan) }
}
