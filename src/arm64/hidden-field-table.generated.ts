// Made by scripts/generate-arm64-tables.ts from facts/; change those and run `npm run generate`.

/** Fields of parts that no register shows to a guest: [MIDR_EL1.Implementer, MIDR_EL1.PartNum, register, field, the hardware's value]. */
export const HIDDEN_FIELDS: readonly (readonly [
  implementer: number,
  part: number,
  register: string,
  field: string,
  value: number,
])[] = [
  [0x00, 0x051, 'ID_AA64MMFR2_EL1', 'NV', 2],
  [0x41, 0xd03, 'ID_AA64MMFR2_EL1', 'NV', 0],
  [0x41, 0xd05, 'ID_AA64MMFR2_EL1', 'NV', 0],
  [0x41, 0xd07, 'ID_AA64MMFR2_EL1', 'NV', 0],
  [0x41, 0xd08, 'ID_AA64MMFR2_EL1', 'NV', 0],
  [0x41, 0xd0b, 'ID_AA64MMFR2_EL1', 'NV', 0],
  [0x41, 0xd0c, 'ID_AA64MMFR2_EL1', 'NV', 0],
  [0x41, 0xd40, 'ID_AA64MMFR2_EL1', 'NV', 2],
  [0x41, 0xd47, 'ID_AA64MMFR2_EL1', 'NV', 0],
  [0x41, 0xd49, 'ID_AA64MMFR2_EL1', 'NV', 2],
  [0x46, 0x001, 'ID_AA64MMFR2_EL1', 'NV', 0],
]
