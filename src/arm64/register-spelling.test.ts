import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { FEATURE_ID_REGISTERS } from './register.ts'
import { registerBySpelling } from './register-spelling.ts'

const SPELLINGS: Readonly<Record<string, string | undefined>> = {
  ID_AA64PFR0_EL1: 'ID_AA64PFR0_EL1',
  id_aa64pfr0_el1: 'ID_AA64PFR0_EL1',
  SYS_ID_AA64PFR0_EL1: 'ID_AA64PFR0_EL1',
  SYSREG_ID_AA64PFR0_EL1: 'ID_AA64PFR0_EL1',
  HV_FEATURE_REG_ID_AA64PFR0_EL1: 'ID_AA64PFR0_EL1',
  WHvArm64RegisterIdAa64Pfr0El1: 'ID_AA64PFR0_EL1',
  'cpu->isar.id_aa64pfr0': 'ID_AA64PFR0_EL1',
  ID_AA64PFR0: 'ID_AA64PFR0_EL1',
  AA64PFR0_EL1: 'ID_AA64PFR0_EL1',
  'id-aa64pfr0-el1': 'ID_AA64PFR0_EL1',
  '0x603000000013c020': 'ID_AA64PFR0_EL1',
  '0x603000000013C020': 'ID_AA64PFR0_EL1',
  '603000000013c020': 'ID_AA64PFR0_EL1',
  [String(0x603000000013c020n)]: 'ID_AA64PFR0_EL1',
  S3_0_C0_C4_0: 'ID_AA64PFR0_EL1',
  s3_0_c0_c4_0: 'ID_AA64PFR0_EL1',
  S3_0_0_4_0: 'ID_AA64PFR0_EL1',
  'sys_reg(3, 0, 0, 4, 0)': 'ID_AA64PFR0_EL1',
  '{ Op0( 3), Op1( 0), CRn( 0), CRm( 4), Op2( 0)': 'ID_AA64PFR0_EL1',
  S3_0_0_4_3: 'S3_0_C0_C4_3',
  midr: 'MIDR_EL1',
  ctr: 'CTR_EL0',
  ID_PFR0: 'ID_PFR0_EL1',
  mvfr0_el1: 'MVFR0_EL1',
  // Each of these is a name of several registers, or of none.
  PFR0: undefined,
  ISAR0_EL1: undefined,
  ID_AA64PFR0_EL2: undefined,
  S3_0_C1_C0_0: undefined,
  '0x6030000000100042': undefined,
  '0x1100010011111112': undefined,
  SYS_: undefined,
  '': undefined,
}

describe('the spelling of a register', () => {
  for (const [text, name] of Object.entries(SPELLINGS)) {
    it(`${JSON.stringify(text)} is ${name ?? 'nothing'}`, () => {
      assert.equal(registerBySpelling(text)?.name, name)
    })
  }

  it('is taken for every register: its name in lower case, its encoding and its KVM id', () => {
    for (const register of FEATURE_ID_REGISTERS) {
      const { name, op1, crm, op2, kvmRegisterId } = register
      const spellings = [
        name.toLowerCase(),
        `SYS_${name}`,
        `S3_${op1}_0_${crm}_${op2}`,
        String(kvmRegisterId),
      ]
      for (const spelling of spellings) assert.equal(registerBySpelling(spelling), register, spelling)
    }
  })
})
