import { VCPU_FEATURES, type VcpuFeature } from '../api/vcpu-feature.ts'
import { VCPU_FEATURE_FACTS } from '../arm64/vcpu-feature-table.generated.ts'
import { KVM_VCPU_INIT_BITS, type KvmCapability } from '../linux/abi/kvm-numbers.generated.ts'

/** What we ask of a VM and its vCPUs: the vCPU features, and whether the implementation ID is writable. */
export type VcpuConfiguration = {
  readonly vcpuFeatures: readonly VcpuFeature[]
  readonly implementationId: boolean
}

/** No vCPU feature at all. The guest view of a host comes from this configuration. */
export const PLAIN: VcpuConfiguration = { vcpuFeatures: [], implementationId: false }

/** kvm_vcpu_init.features[0] of a configuration; always with PSCI 0.2, as every VMM asks for it. */
export const initBitsOf = ({ vcpuFeatures }: VcpuConfiguration): number =>
  vcpuFeatures
    .flatMap((feature) => VCPU_FEATURE_FACTS[feature].initBits)
    .reduce((bits, bit) => bits | (1 << bit), 1 << KVM_VCPU_INIT_BITS.KVM_ARM_VCPU_PSCI_0_2)

/** The capabilities to enable on a configuration's VM before it has a vCPU. */
export const capabilitiesToEnable = (configuration: VcpuConfiguration): KvmCapability[] => [
  ...configuration.vcpuFeatures.flatMap((feature) => VCPU_FEATURE_FACTS[feature].enable?.name ?? []),
  ...(configuration.implementationId ? (['KVM_CAP_ARM_WRITABLE_IMP_ID_REGS'] as const) : []),
]

/** Each vCPU feature alone. */
export const SINGLE_FEATURES: readonly VcpuConfiguration[] = VCPU_FEATURES.map((feature) => ({
  vcpuFeatures: [feature],
  implementationId: false,
}))

/**
 * What else a host that gives `vcpuFeatures` is looked at in: the usual features together where they are several, and the
 * plain configuration with a writable implementation ID.
 */
export const combinedConfigurations = (
  vcpuFeatures: readonly VcpuFeature[],
  implementationIdWritable: boolean,
): VcpuConfiguration[] => {
  const together = VCPU_FEATURES.filter(
    (feature) => VCPU_FEATURE_FACTS[feature].isUsual && vcpuFeatures.includes(feature),
  )
  return [
    ...(together.length > 1 ? [{ vcpuFeatures: together, implementationId: false }] : []),
    ...(implementationIdWritable ? [{ vcpuFeatures: [], implementationId: true }] : []),
  ]
}

/** A configuration in words, for steps and errors. */
export const configurationName = ({ vcpuFeatures, implementationId }: VcpuConfiguration): string =>
  [...vcpuFeatures, ...(implementationId ? ['implementation ID'] : [])].join(' + ') || 'plain'
