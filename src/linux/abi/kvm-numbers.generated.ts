// Made by scripts/generate-arm64-tables.ts from facts/; change those and run `npm run generate`.

/** Capabilities of KVM, by number, that decide what a guest's CPU can be (include/uapi/linux/kvm.h). */
export const KVM_CAPABILITIES = {
  KVM_CAP_ARM_EL1_32BIT: 93,
  KVM_CAP_ARM_PSCI_0_2: 102,
  KVM_CAP_ARM_PMU_V3: 126,
  KVM_CAP_ARM_VM_IPA_SIZE: 165,
  KVM_CAP_ARM_SVE: 170,
  KVM_CAP_ARM_PTRAUTH_ADDRESS: 171,
  KVM_CAP_ARM_PTRAUTH_GENERIC: 172,
  KVM_CAP_ARM_MTE: 205,
  KVM_CAP_ARM_SUPPORTED_REG_MASK_RANGES: 230,
  KVM_CAP_ARM_WRITABLE_IMP_ID_REGS: 239,
  KVM_CAP_ARM_EL2: 240,
  KVM_CAP_ARM_EL2_E2H0: 241,
  KVM_CAP_ARM_PMU_V3_STRICT: 251,
} as const

export type KvmCapability = keyof typeof KVM_CAPABILITIES

/** The bits of kvm_vcpu_init.features[0], by their number (arch/arm64/include/uapi/asm/kvm.h). */
export const KVM_VCPU_INIT_BITS = {
  KVM_ARM_VCPU_POWER_OFF: 0,
  KVM_ARM_VCPU_EL1_32BIT: 1,
  KVM_ARM_VCPU_PSCI_0_2: 2,
  KVM_ARM_VCPU_PMU_V3: 3,
  KVM_ARM_VCPU_SVE: 4,
  KVM_ARM_VCPU_PTRAUTH_ADDRESS: 5,
  KVM_ARM_VCPU_PTRAUTH_GENERIC: 6,
  KVM_ARM_VCPU_HAS_EL2: 7,
  KVM_ARM_VCPU_HAS_EL2_E2H0: 8,
  KVM_ARM_VCPU_PMU_V3_STRICT: 9,
} as const
