import type { Finding } from '../../api/finding.ts'
import { fromHex64 } from '../../api/hex64.ts'
import type { Plan } from '../../api/plan.ts'
import { VCPU_FEATURES, type VcpuFeature } from '../../api/vcpu-feature-policy.ts'
import { getField } from '../../arm64/field.ts'
import { fieldNamed } from '../../arm64/register.ts'
import { VCPU_FEATURE_FACTS } from '../../arm64/vcpu-features.ts'
import { plannedRegisters, type PlannedRegister } from './planned-register.ts'

/** Everything that a launch does for a plan. */
export type LaunchPolicy = {
  readonly enforcement: Plan['enforcement']
  readonly registers: readonly PlannedRegister[]
  /** FEAT_ names that a levelled vCPU must show. */
  readonly requiredFeatures: readonly string[]
  /** Whether MIDR, REVIDR and AIDR are to be made writable on each VM. */
  readonly implementationId: boolean
  readonly disabledFeatures: readonly VcpuFeature[]
  /** Names of the capabilities that are answered with 0, by number. */
  readonly hiddenCapabilities: ReadonlyMap<number, string>
  /** The most KVM_CAP_ARM_VM_IPA_SIZE may answer: what PARANGE says; undefined where the plan leaves it. */
  readonly ipaBits: number | undefined
  /** SVE vector lengths in bits, where the plan says. */
  readonly sveVectorLengths: readonly number[] | undefined
  /** KVM register ids left out of the register list. */
  readonly excludedRegisters: ReadonlySet<bigint>
}

export type LaunchPolicyResult =
  | { readonly kind: 'policy'; readonly policy: LaunchPolicy }
  | { readonly kind: 'unusable'; readonly findings: readonly Finding[] }

// ID_AA64MMFR0_EL1.PARange, Arm ARM D24.2: the physical address size in bits, by the field's value.
const PARANGE_BITS = [32, 36, 40, 42, 44, 48, 52, 56]

const plannedIpaBits = (plan: Plan): number | undefined => {
  const name = 'ID_AA64MMFR0_EL1'
  const planned = plan.registers.find(({ register }) => register === name)
  const field = fieldNamed(name, 'PARANGE')
  if (planned === undefined || field === undefined) return undefined
  const specified = getField(fromHex64(planned.mask), field) !== 0
  return specified ? PARANGE_BITS[getField(fromHex64(planned.value), field)] : undefined
}

/** What a launch under this plan does. */
export const launchPolicy = (plan: Plan): LaunchPolicyResult => {
  const planned = plannedRegisters(plan)
  if (planned.kind === 'unknown') return { kind: 'unusable', findings: planned.findings }
  const disabledFeatures = VCPU_FEATURES.filter((feature) => plan.vcpuFeatures[feature] === 'Disabled')
  const hiddenCapabilities = new Map(
    disabledFeatures
      .flatMap((feature) => VCPU_FEATURE_FACTS[feature].capabilities)
      .map(({ number, name }) => [number, name]),
  )
  const ipaBits = plannedIpaBits(plan)
  const excludedRegisters = new Set(plan.registerList.exclude.map(fromHex64))
  return {
    kind: 'policy',
    policy: {
      enforcement: plan.enforcement,
      registers: planned.registers,
      requiredFeatures: plan.requiredFeatures ?? [],
      implementationId: Object.values(plan.implementation ?? {}).some((value) => value !== undefined),
      disabledFeatures,
      hiddenCapabilities,
      ipaBits,
      sveVectorLengths: plan.sveVectorLengths,
      excludedRegisters,
    },
  }
}
