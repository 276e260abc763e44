// Made by scripts/generate-arm64-tables.ts from facts/; change those and run `npm run generate`.
import type { VcpuFeature } from '../api/vcpu-feature.ts'
import type { VcpuFeatureFacts } from './vcpu-features.ts'

/** Every vCPU feature, by our name. */
export const VCPU_FEATURE_FACTS: Readonly<Record<VcpuFeature, VcpuFeatureFacts>> = {
  sve: {"name":"sve","initBits":[4],"capabilities":[{"name":"KVM_CAP_ARM_SVE","number":170}],"variantInitBits":[],"variantCapabilities":[],"isUsual":true,"fields":[["ID_AA64PFR0_EL1","SVE"],["ID_AA64ZFR0_EL1","*"]]},
  pointerAuthentication: {"name":"pointerAuthentication","initBits":[5,6],"capabilities":[{"name":"KVM_CAP_ARM_PTRAUTH_ADDRESS","number":171},{"name":"KVM_CAP_ARM_PTRAUTH_GENERIC","number":172}],"variantInitBits":[],"variantCapabilities":[],"isUsual":true,"fields":[["ID_AA64ISAR1_EL1","APA"],["ID_AA64ISAR1_EL1","API"],["ID_AA64ISAR1_EL1","GPA"],["ID_AA64ISAR1_EL1","GPI"],["ID_AA64ISAR2_EL1","APA3"],["ID_AA64ISAR2_EL1","GPA3"],["ID_AA64ISAR2_EL1","PAC_frac"]]},
  pmu: {"name":"pmu","initBits":[3],"capabilities":[{"name":"KVM_CAP_ARM_PMU_V3","number":126}],"variantInitBits":[9],"variantCapabilities":[{"name":"KVM_CAP_ARM_PMU_V3_STRICT","number":251}],"isUsual":true,"fields":[["ID_AA64DFR0_EL1","PMUVer"],["ID_DFR0_EL1","PerfMon"]]},
  el1_32bit: {"name":"el1_32bit","initBits":[1],"capabilities":[{"name":"KVM_CAP_ARM_EL1_32BIT","number":93}],"variantInitBits":[],"variantCapabilities":[],"isUsual":false,"fields":[]},
  el2: {"name":"el2","initBits":[7],"capabilities":[{"name":"KVM_CAP_ARM_EL2","number":240}],"variantInitBits":[8],"variantCapabilities":[{"name":"KVM_CAP_ARM_EL2_E2H0","number":241}],"isUsual":false,"fields":[]},
  mte: {"name":"mte","initBits":[],"capabilities":[{"name":"KVM_CAP_ARM_MTE","number":205}],"variantInitBits":[],"variantCapabilities":[],"enable":{"name":"KVM_CAP_ARM_MTE","number":205},"isUsual":false,"fields":[["ID_AA64PFR1_EL1","MTE"],["ID_AA64PFR1_EL1","MTE_frac"],["ID_AA64PFR2_EL1","MTEFAR"],["ID_AA64PFR2_EL1","MTESTOREONLY"]]},
}

/** Bits of kvm_vcpu_init.features[0] that are no vCPU feature: how a vCPU starts and its PSCI version. */
export const NEUTRAL_INIT_BITS: readonly number[] = [0,2]
