// Made by scripts/generate-arm64-tables.ts from facts/; change those and run `npm run generate`.

/** Every vCPU feature by our name, with a sentence for people. */
export const VCPU_FEATURE_DESCRIPTIONS = {
  sve: "Scalable Vector Extension (KVM_ARM_VCPU_SVE).",
  pointerAuthentication: "Pointer authentication (KVM_ARM_VCPU_PTRAUTH_ADDRESS and _GENERIC).",
  pmu: "Performance Monitors Extension (KVM_ARM_VCPU_PMU_V3).",
  el1_32bit: "AArch32 at EL1 (KVM_ARM_VCPU_EL1_32BIT).",
  el2: "Nested virtualization (KVM_ARM_VCPU_HAS_EL2).",
  mte: "Memory Tagging Extension (KVM_CAP_ARM_MTE).",
} as const
