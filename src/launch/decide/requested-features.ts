import type { LaunchRefusal } from '../../api/finding.ts'
import type { VcpuFeature } from '../../api/vcpu-feature.ts'
import { getField } from '../../arm64/field.ts'
import { fieldNamed, registerByName, type GuestView } from '../../arm64/register.ts'
import { NEUTRAL_INIT_BITS, VCPU_FEATURE_FACTS } from '../../arm64/vcpu-feature-table.generated.ts'
import { vcpuFeatureOfInitBit } from '../../arm64/vcpu-features.ts'
import { KVM_VCPU_INIT } from '../../linux/abi/kvm.ts'
import type { LaunchPolicy } from './launch-policy.ts'
import type { VcpuState } from './vcpu-state.ts'
import { refusal } from '../../catalogue/refusal-reasons.ts'

/** The numbers of the vCPU features that a struct kvm_vcpu_init asks for. */
export const requestedFeatures = (init: Buffer): number[] =>
  Array.from({ length: (KVM_VCPU_INIT.size - KVM_VCPU_INIT.features) * 8 }, (_, bit) => bit).filter(
    (bit) => ((init[KVM_VCPU_INIT.features + (bit >> 3)] ?? 0) & (1 << (bit & 7))) !== 0,
  )

/** Whether SVE is among them: its vector lengths are then written, and the register list waits for KVM_ARM_VCPU_FINALIZE. */
export const requestsSve = (bits: readonly number[]): boolean =>
  VCPU_FEATURE_FACTS.sve.initBits.some((bit) => bits.includes(bit))

type FeaturePolicies = Pick<LaunchPolicy, 'disabledFeatures' | 'requiredVcpuFeatures'>

const disabled = (feature: VcpuFeature): LaunchRefusal =>
  refusal({ reason: 'VcpuFeatureDisabled', feature, wanted: 'Disabled' })
const notAsked = (feature: VcpuFeature): LaunchRefusal =>
  refusal({ reason: 'VcpuFeatureNotAsked', feature, wanted: 'Required' })

const ofBit = (policy: FeaturePolicies, bit: number): LaunchRefusal[] => {
  const feature = vcpuFeatureOfInitBit(bit)
  if (feature === undefined)
    return [refusal({ reason: 'UnknownVcpuFeature', feature: `features[${bit >> 5}] bit ${bit & 31}` })]
  return policy.disabledFeatures.includes(feature) ? [disabled(feature)] : []
}

const unaskedFeatures = (policy: FeaturePolicies, bits: readonly number[]): VcpuFeature[] =>
  policy.requiredVcpuFeatures.filter((name) =>
    VCPU_FEATURE_FACTS[name].initBits.some((bit) => !bits.includes(bit)),
  )

/** What an INIT must ask for and does not: features that the plan requires. */
export const unaskedFeatureRefusals = (policy: FeaturePolicies, bits: readonly number[]): LaunchRefusal[] =>
  unaskedFeatures(policy, bits).map(notAsked)

/**
 * Whether what an INIT does not ask for can be judged at KVM_ARM_VCPU_FINALIZE: a vCPU with SVE cannot run before. QEMU asks for SVE alone
 * in a scratch VM, which it never finalises, to see the vector lengths of a host. `state`: of its vCPU before; one that was reported
 * (BestEffort) may have been finalised.
 */
export const isJudgedLater = (
  policy: FeaturePolicies,
  bits: readonly number[],
  state: VcpuState | undefined,
): boolean => state !== 'unlevelled' && requestsSve(bits) && unaskedFeatureRefusals(policy, bits).length > 0

/** The features that the vCPU of an INIT lacks, where that is judged later; none where it is judged now. */
export const lackingFeatures = (
  policy: FeaturePolicies,
  bits: readonly number[],
  state: VcpuState | undefined,
): readonly VcpuFeature[] => (isJudgedLater(policy, bits, state) ? unaskedFeatures(policy, bits) : [])

/**
 * What an INIT asks for and must not: features that the plan disables, and bits that this version does not know; and what it must ask
 * for, unless that is judged later.
 */
export const askedFeatureRefusals = (
  policy: FeaturePolicies,
  bits: readonly number[],
  state: VcpuState | undefined,
): LaunchRefusal[] => [
  ...bits.filter((bit) => !NEUTRAL_INIT_BITS.includes(bit)).flatMap((bit) => ofBit(policy, bit)),
  ...(isJudgedLater(policy, bits, state) ? [] : unaskedFeatureRefusals(policy, bits)),
]

/** A feature that is enabled on a VM and not asked for at INIT, and the field that says whether it is there: its first. */
type EnabledFeature = { readonly feature: VcpuFeature; readonly register: string; readonly field: string }

const enabledFeatures = ({ disabledFeatures, requiredVcpuFeatures }: FeaturePolicies): EnabledFeature[] =>
  [...disabledFeatures, ...requiredVcpuFeatures].flatMap((feature) => {
    const { initBits, fields } = VCPU_FEATURE_FACTS[feature]
    const [place] = fields
    return initBits.length > 0 || place === undefined
      ? []
      : [{ feature, register: place[0], field: place[1] }]
  })

/** The KVM ids, by register, of what {@link enabledFeatureRefusals} looks at. */
export const featureRegisters = (policy: FeaturePolicies): ReadonlyMap<string, bigint> =>
  new Map(
    enabledFeatures(policy).flatMap(({ register }): [string, bigint][] => {
      const id = registerByName(register)?.kvmRegisterId
      return id === undefined ? [] : [[register, id]]
    }),
  )

/** The same of features that a VMM enables on the VM, asked or not: from what its first vCPU shows before anything is written. */
export const enabledFeatureRefusals = (policy: FeaturePolicies, view: GuestView): LaunchRefusal[] =>
  enabledFeatures(policy).flatMap(({ feature, register, field: name }) => {
    const field = fieldNamed(register, name)
    const isThere = field !== undefined && getField(view.get(register) ?? 0n, field) !== 0
    if (policy.disabledFeatures.includes(feature)) return isThere ? [disabled(feature)] : []
    return isThere ? [] : [notAsked(feature)]
  })
