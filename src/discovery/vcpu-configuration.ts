import { VCPU_FEATURES, type VcpuFeature } from '../api/vcpu-feature-policy.ts'
import {
  KVM_ARM_VCPU_EL1_32BIT,
  KVM_ARM_VCPU_HAS_EL2,
  KVM_ARM_VCPU_PMU_V3,
  KVM_ARM_VCPU_PSCI_0_2,
  KVM_ARM_VCPU_PTRAUTH_ADDRESS,
  KVM_ARM_VCPU_PTRAUTH_GENERIC,
  KVM_ARM_VCPU_SVE,
  type KvmCapability,
} from '../linux/abi/kvm.ts'

/** What a VM and its vCPUs are asked to have: the vCPU features, and whether the implementation ID can be written. */
export type VcpuConfiguration = {
  readonly vcpuFeatures: readonly VcpuFeature[]
  readonly implementationId: boolean
}

/** No vCPU feature at all; what the guest view of a host is taken from. */
export const PLAIN: VcpuConfiguration = { vcpuFeatures: [], implementationId: false }

type Request = {
  /** All of these say whether the host has it. */
  readonly capabilities: readonly KvmCapability[]
  /** Bits for KVM_ARM_VCPU_INIT. */
  readonly initBits: number
  /** To be enabled on the VM before it has a vCPU. */
  readonly enable?: KvmCapability
}

/**
 * How each vCPU feature is asked for: Documentation/virt/kvm/api.rst, 4.82 and 7. The architecture's rule that both
 * kinds of pointer authentication come together is KVM's too (kvm_vcpu_init_check_features, arch/arm64/kvm/arm.c).
 */
export const VCPU_FEATURE_REQUESTS: Readonly<Record<VcpuFeature, Request>> = {
  sve: { capabilities: ['KVM_CAP_ARM_SVE'], initBits: KVM_ARM_VCPU_SVE },
  pointerAuthentication: {
    capabilities: ['KVM_CAP_ARM_PTRAUTH_ADDRESS', 'KVM_CAP_ARM_PTRAUTH_GENERIC'],
    initBits: KVM_ARM_VCPU_PTRAUTH_ADDRESS | KVM_ARM_VCPU_PTRAUTH_GENERIC,
  },
  pmu: { capabilities: ['KVM_CAP_ARM_PMU_V3'], initBits: KVM_ARM_VCPU_PMU_V3 },
  el1_32bit: { capabilities: ['KVM_CAP_ARM_EL1_32BIT'], initBits: KVM_ARM_VCPU_EL1_32BIT },
  el2: { capabilities: ['KVM_CAP_ARM_EL2'], initBits: KVM_ARM_VCPU_HAS_EL2 },
  mte: { capabilities: ['KVM_CAP_ARM_MTE'], initBits: 0, enable: 'KVM_CAP_ARM_MTE' },
}

/** kvm_vcpu_init.features[0] of a configuration; always with PSCI 0.2, as every VMM asks for it. */
export const initBitsOf = ({ vcpuFeatures }: VcpuConfiguration): number =>
  vcpuFeatures.reduce(
    (bits, feature) => bits | VCPU_FEATURE_REQUESTS[feature].initBits,
    KVM_ARM_VCPU_PSCI_0_2,
  )

/** The capabilities to enable on a configuration's VM before it has a vCPU. */
export const capabilitiesToEnable = (configuration: VcpuConfiguration): KvmCapability[] => [
  ...configuration.vcpuFeatures.flatMap((feature) => VCPU_FEATURE_REQUESTS[feature].enable ?? []),
  ...(configuration.implementationId ? (['KVM_CAP_ARM_WRITABLE_IMP_ID_REGS'] as const) : []),
]

// What a VMM usually asks for all at once (QEMU's `-cpu host`).
const TOGETHER: readonly VcpuFeature[] = ['sve', 'pointerAuthentication', 'pmu']

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
  const together = TOGETHER.filter((feature) => vcpuFeatures.includes(feature))
  return [
    ...(together.length > 1 ? [{ vcpuFeatures: together, implementationId: false }] : []),
    ...(implementationIdWritable ? [{ vcpuFeatures: [], implementationId: true }] : []),
  ]
}

/** A configuration in words, for steps and errors. */
export const configurationName = ({ vcpuFeatures, implementationId }: VcpuConfiguration): string =>
  [...vcpuFeatures, ...(implementationId ? ['implementation ID'] : [])].join(' + ') || 'plain'
