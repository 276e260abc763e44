// Made by scripts/generate-arm64-tables.ts from facts/; change those and run `npm run generate`.
import type { FieldFact } from './field-facts.ts'

/** What is special about fields. */
export const FIELD_FACTS: readonly FieldFact[] = [
  {"register":"ID_DFR0_EL1","field":"PerfMon","fact":"not-in-armv8","values":[1,2]},
  {"register":"ID_DFR0_EL1","field":"CopDbg","fact":"not-in-armv8","values":[0,2,3,4,5]},
  {"register":"ID_AA64DFR0_EL1","field":"DebugVer","fact":"not-in-armv8","values":[0,1,2,3,4,5]},
  {"register":"ID_AA64PFR0_EL1","field":"GIC","fact":"of-interrupt-controller","values":[]},
  {"register":"ID_AA64PFR2_EL1","field":"GCIE","fact":"of-interrupt-controller","values":[]},
  {"register":"ID_PFR1_EL1","field":"GIC","fact":"of-interrupt-controller","values":[]},
  {"register":"ID_AA64PFR1_EL1","field":"SME","fact":"never-shown","values":[]},
  {"register":"ID_AA64SMFR0_EL1","field":"*","fact":"never-shown","values":[]},
  {"register":"ID_AA64DFR0_EL1","field":"DebugVer","fact":"shown-at-most","values":[10]},
  {"register":"ID_AA64PFR0_EL1","field":"EL0","fact":"of-the-host","values":[]},
  {"register":"ID_AA64PFR0_EL1","field":"EL1","fact":"of-the-host","values":[]},
  {"register":"ID_AA64PFR0_EL1","field":"EL2","fact":"of-the-host","values":[]},
  {"register":"ID_AA64PFR0_EL1","field":"EL3","fact":"of-the-host","values":[]},
  {"register":"ID_AA64MMFR0_EL1","field":"PARANGE","fact":"of-the-host","values":[]},
  {"register":"ID_AA64MMFR0_EL1","field":"ASIDBITS","fact":"of-the-host","values":[]},
  {"register":"ID_AA64MMFR0_EL1","field":"BIGEND","fact":"of-the-host","values":[]},
  {"register":"ID_AA64MMFR0_EL1","field":"BIGENDEL0","fact":"of-the-host","values":[]},
  {"register":"ID_AA64MMFR0_EL1","field":"TGRAN4","fact":"of-the-host","values":[]},
  {"register":"ID_AA64MMFR0_EL1","field":"TGRAN16","fact":"of-the-host","values":[]},
  {"register":"ID_AA64MMFR0_EL1","field":"TGRAN64","fact":"of-the-host","values":[]},
  {"register":"ID_AA64MMFR0_EL1","field":"TGRAN4_2","fact":"of-the-host","values":[]},
  {"register":"ID_AA64MMFR0_EL1","field":"TGRAN16_2","fact":"of-the-host","values":[]},
  {"register":"ID_AA64MMFR0_EL1","field":"TGRAN64_2","fact":"of-the-host","values":[]},
  {"register":"ID_AA64MMFR1_EL1","field":"VMIDBits","fact":"of-the-host","values":[]},
  {"register":"ID_AA64MMFR2_EL1","field":"VARange","fact":"of-the-host","values":[]},
  {"register":"ID_AA64MMFR2_EL1","field":"CCIDX","fact":"of-the-host","values":[]},
  {"register":"CTR_EL0","field":"L1Ip","fact":"of-the-host","values":[]},
]
