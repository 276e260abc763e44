import type { VcpuFeature } from '../api/vcpu-feature.ts'
import type { KvmCapability } from '../linux/abi/kvm-numbers.generated.ts'
import type { FieldRef } from './field-ref.ts'
import { VCPU_FEATURE_FACTS } from './vcpu-feature-table.generated.ts'

/** A capability of KVM: its name and number in the UAPI. */
type NumberedCapability = { readonly name: KvmCapability; readonly number: number }

/** How a vCPU feature is asked for, and what of the guest view comes with it: facts/vcpu_features.tsv. */
export type VcpuFeatureFacts = {
  readonly name: VcpuFeature
  /** Bits of kvm_vcpu_init.features[0] that ask for it, all together; empty if a VM capability does. */
  readonly initBits: readonly number[]
  /** KVM gives the feature where KVM_CHECK_EXTENSION of each answers more than 0. */
  readonly capabilities: readonly NumberedCapability[]
  /** Bits that may come with `initBits` and ask for another form of the feature. */
  readonly variantInitBits: readonly number[]
  /** They say that KVM gives the other form too. */
  readonly variantCapabilities: readonly NumberedCapability[]
  /** A VMM must enable it on the VM before the VM has a vCPU. */
  readonly enable?: NumberedCapability
  /** VMMs ask for it wherever a host has it (QEMU's `-cpu host`). */
  readonly isUsual: boolean
  /** The fields that are zero without the feature, as [register, field]; '*' is the whole register. */
  readonly fields: readonly (readonly [register: string, field: string])[]
}

/** The vCPU feature a field comes with, if any. The field is zero if the VMM did not ask for that feature. */
export const vcpuFeatureOfField = ({ register, field }: FieldRef): VcpuFeature | undefined =>
  Object.values(VCPU_FEATURE_FACTS).find(({ fields }) =>
    fields.some(([ofRegister, name]) => ofRegister === register && (name === '*' || name === field.name)),
  )?.name

/** The vCPU feature a bit of kvm_vcpu_init.features[0] asks for; undefined for neutral and unknown bits. */
export const vcpuFeatureOfInitBit = (bit: number): VcpuFeature | undefined =>
  Object.values(VCPU_FEATURE_FACTS).find(
    ({ initBits, variantInitBits }) => initBits.includes(bit) || variantInitBits.includes(bit),
  )?.name

/** All capabilities that tell a VMM of the feature; they are hidden together. */
export const capabilitiesOf = (feature: VcpuFeature): readonly NumberedCapability[] => {
  const { capabilities, variantCapabilities } = VCPU_FEATURE_FACTS[feature]
  return [...capabilities, ...variantCapabilities]
}
