// Made by scripts/generate-arm64-tables.ts from facts/; change those and run `npm run generate`.
import type { InertField } from './inert-fields.ts'

/** Every field that only guests with a certain vCPU feature can act on. */
export const INERT_FIELDS: readonly InertField[] = [
  {"register":"ID_AA64MMFR2_EL1","field":"EVT","actsWith":"el2","reason":"adds trap controls to HCR_EL2","source":"Arm ARM, FEAT_EVT"},
  {"register":"ID_AA64MMFR2_EL1","field":"FWB","actsWith":"el2","reason":"changes how HCR_EL2 combines stage 1 and stage 2 attributes","source":"Arm ARM, FEAT_S2FWB"},
  {"register":"ID_AA64MMFR2_EL1","field":"NV","actsWith":"el2","reason":"lets EL2 run a hypervisor at EL1: HCR_EL2.NV","source":"Arm ARM, FEAT_NV and FEAT_NV2"},
  {"register":"ID_AA64MMFR4_EL1","field":"NV_frac","actsWith":"el2","reason":"qualifies NV: HCR_EL2.NV2","source":"Arm ARM, FEAT_NV2p1"},
  {"register":"ID_AA64MMFR4_EL1","field":"E2H0","actsWith":"el2","reason":"says whether HCR_EL2.E2H can be 0","source":"Arm ARM, FEAT_E2H0"},
  {"register":"ID_AA64MMFR1_EL1","field":"VH","actsWith":"el2","reason":"lets EL2 run an operating system: HCR_EL2.E2H","source":"Arm ARM, FEAT_VHE"},
  {"register":"ID_AA64MMFR1_EL1","field":"XNX","actsWith":"el2","reason":"splits execute-never by level in stage 2 descriptors","source":"Arm ARM, FEAT_XNX"},
  {"register":"ID_AA64MMFR1_EL1","field":"VMIDBits","actsWith":"el2","reason":"is the width of VTTBR_EL2.VMID","source":"Arm ARM, FEAT_VMID16"},
  {"register":"ID_AA64MMFR1_EL1","field":"HCX","actsWith":"el2","reason":"is the register HCRX_EL2","source":"Arm ARM, FEAT_HCX"},
  {"register":"ID_AA64MMFR0_EL1","field":"FGT","actsWith":"el2","reason":"is the registers HFGxTR_EL2 and HDFGxTR_EL2","source":"Arm ARM, FEAT_FGT and FEAT_FGT2"},
  {"register":"ID_AA64MMFR0_EL1","field":"TGRAN4_2","actsWith":"el2","reason":"is the 4 KB granule of stage 2","source":"Arm ARM, FEAT_GTG"},
  {"register":"ID_AA64MMFR0_EL1","field":"TGRAN16_2","actsWith":"el2","reason":"is the 16 KB granule of stage 2","source":"Arm ARM, FEAT_GTG"},
  {"register":"ID_AA64MMFR0_EL1","field":"TGRAN64_2","actsWith":"el2","reason":"is the 64 KB granule of stage 2","source":"Arm ARM, FEAT_GTG"},
  {"register":"ID_AA64PFR0_EL1","field":"SEL2","actsWith":"el2","reason":"is EL2 in the Secure state","source":"Arm ARM, FEAT_SEL2"},
  {"register":"ID_AA64DFR0_EL1","field":"HPMN0","actsWith":"el2","reason":"says whether MDCR_EL2.HPMN can be 0","source":"Arm ARM, FEAT_HPMN0"},
  {"register":"ID_AA64MMFR3_EL1","field":"S2PIE","actsWith":"el2","reason":"is the register S2PIR_EL2","source":"Arm ARM, FEAT_S2PIE"},
  {"register":"ID_AA64MMFR3_EL1","field":"S2POE","actsWith":"el2","reason":"is the register S2POR_EL1, which only stage 2 uses","source":"Arm ARM, FEAT_S2POE"},
  {"register":"ID_MMFR4_EL1","field":"EVT","actsWith":"el2","reason":"adds trap controls to HCR2","source":"Arm ARM, FEAT_EVT"},
  {"register":"ID_MMFR4_EL1","field":"XNX","actsWith":"el2","reason":"splits execute-never by level in stage 2 descriptors","source":"Arm ARM, FEAT_XNX"},
  {"register":"ID_AA64MMFR0_EL1","field":"ECV","actsWith":"el2","alike":[1,2],"reason":"2 adds CNTPOFF_EL2 to what 1 has","source":"Arm ARM, FEAT_ECV and FEAT_ECV_POFF"},
  {"register":"CTR_EL0","field":"TminLine","actsWith":"mte","reason":"is the smallest tag line of the caches, which only instructions of FEAT_MTE2 maintain","source":"Arm ARM, CTR_EL0.TminLine"},
]
