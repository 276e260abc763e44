import type { VcpuFeature } from '../api/vcpu-feature-policy.ts'

/** A capability of KVM: its name and number in the UAPI (include/uapi/linux/kvm.h; seen on 6.12 to 7.3). */
export type KvmCapability = { readonly name: string; readonly number: number }

/** How a vCPU feature is asked for, and what of the guest view comes with it. */
export type VcpuFeatureFacts = {
  readonly name: VcpuFeature
  /** Bits of kvm_vcpu_init.features[0] that ask for it (arch/arm64/include/uapi/asm/kvm.h); empty: a VM capability does. */
  readonly initBits: readonly number[]
  /** Hidden all together: KVM_CHECK_EXTENSION of each answers 0. */
  readonly capabilities: readonly KvmCapability[]
  /** The fields that are zero without the feature, as [register, field]; '*' is the whole register. */
  readonly fields: readonly (readonly [register: string, field: string])[]
}

/** Every vCPU feature we know, by our name. Fields: the read_sanitised_* functions of arch/arm64/kvm/sys_regs.c (6.12). */
export const VCPU_FEATURE_FACTS: Readonly<Record<VcpuFeature, VcpuFeatureFacts>> = {
  sve: {
    name: 'sve',
    initBits: [4],
    capabilities: [{ name: 'KVM_CAP_ARM_SVE', number: 170 }],
    fields: [
      ['ID_AA64PFR0_EL1', 'SVE'],
      ['ID_AA64ZFR0_EL1', '*'],
    ],
  },
  pointerAuthentication: {
    name: 'pointerAuthentication',
    initBits: [5, 6],
    capabilities: [
      { name: 'KVM_CAP_ARM_PTRAUTH_ADDRESS', number: 171 },
      { name: 'KVM_CAP_ARM_PTRAUTH_GENERIC', number: 172 },
    ],
    fields: [
      ['ID_AA64ISAR1_EL1', 'APA'],
      ['ID_AA64ISAR1_EL1', 'API'],
      ['ID_AA64ISAR1_EL1', 'GPA'],
      ['ID_AA64ISAR1_EL1', 'GPI'],
      ['ID_AA64ISAR2_EL1', 'APA3'],
      ['ID_AA64ISAR2_EL1', 'GPA3'],
      ['ID_AA64ISAR2_EL1', 'PAC_frac'],
    ],
  },
  pmu: {
    name: 'pmu',
    initBits: [3],
    capabilities: [{ name: 'KVM_CAP_ARM_PMU_V3', number: 126 }],
    fields: [
      ['ID_AA64DFR0_EL1', 'PMUVer'],
      ['ID_DFR0_EL1', 'PerfMon'],
    ],
  },
  el1_32bit: {
    name: 'el1_32bit',
    initBits: [1],
    capabilities: [{ name: 'KVM_CAP_ARM_EL1_32BIT', number: 93 }],
    fields: [],
  },
  el2: {
    name: 'el2',
    initBits: [7, 8],
    capabilities: [
      { name: 'KVM_CAP_ARM_EL2', number: 240 },
      { name: 'KVM_CAP_ARM_EL2_E2H0', number: 241 },
    ],
    fields: [],
  },
  mte: {
    name: 'mte',
    initBits: [],
    capabilities: [{ name: 'KVM_CAP_ARM_MTE', number: 205 }],
    fields: [
      ['ID_AA64PFR1_EL1', 'MTE'],
      ['ID_AA64PFR1_EL1', 'MTE_frac'],
      ['ID_AA64PFR2_EL1', 'MTEFAR'],
      ['ID_AA64PFR2_EL1', 'MTESTOREONLY'],
    ],
  },
}

/** Bits of kvm_vcpu_init.features[0] that are no vCPU feature of ours: how a vCPU starts and its PSCI version. */
export const NEUTRAL_INIT_BITS = { powerOff: 0, psci02: 2 } as const

/** The capabilities besides those of vCPU features that the engine asks for. */
export const KVM_CAPABILITIES = {
  psci02: { name: 'KVM_CAP_ARM_PSCI_0_2', number: 102 },
  ipaSize: { name: 'KVM_CAP_ARM_VM_IPA_SIZE', number: 165 },
  maskRanges: { name: 'KVM_CAP_ARM_SUPPORTED_REG_MASK_RANGES', number: 230 },
  writableImplementationId: { name: 'KVM_CAP_ARM_WRITABLE_IMP_ID_REGS', number: 239 },
} as const satisfies Readonly<Record<string, KvmCapability>>

/** The vCPU feature a field comes with, if any: its value is zero where that was not asked for. */
export const vcpuFeatureOfField = (register: string, field: string): VcpuFeature | undefined =>
  Object.values(VCPU_FEATURE_FACTS).find(({ fields }) =>
    fields.some(([ofRegister, name]) => ofRegister === register && (name === '*' || name === field)),
  )?.name

/** The vCPU feature a bit of kvm_vcpu_init.features[0] asks for; undefined for neutral and unknown bits. */
export const vcpuFeatureOfInitBit = (bit: number): VcpuFeature | undefined =>
  Object.values(VCPU_FEATURE_FACTS).find(({ initBits }) => initBits.includes(bit))?.name
