import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  ALL_ENCODINGS,
  FEATURE_ID_REGISTERS,
  maskRangeIndex,
  registerByKvmId,
  registerByName,
} from './register.ts'
import type { RegisterTrait } from './register-row.ts'

describe('the feature ID registers', () => {
  it('are 192, each at its place in the mask array and found by name, by encoding and by KVM id', () => {
    assert.equal(ALL_ENCODINGS.length, 192)
    for (const [index, register] of ALL_ENCODINGS.entries()) {
      assert.equal(maskRangeIndex(register), index)
      assert.equal(registerByName(register.name), register)
      assert.equal(registerByName(`S3_${register.op1}_C0_C${register.crm}_${register.op2}`), register)
      assert.equal(registerByKvmId(register.kvmRegisterId), register)
    }
  })

  it('have the ids of the UAPI header', () => {
    const id = (name: string): string | undefined => registerByName(name)?.kvmRegisterId.toString(16)
    assert.equal(id('MIDR_EL1'), '603000000013c000')
    assert.equal(id('ID_AA64ISAR0_EL1'), '603000000013c030')
    assert.equal(id('CLIDR_EL1'), '603000000013c801')
    assert.equal(id('CTR_EL0'), '603000000013d801')
  })

  it('have the mask indices the UAPI documentation gives as examples', () => {
    const index = (name: string): number => maskRangeIndex(registerByName(name) ?? assert.fail(name))
    assert.deepEqual(
      ['MIDR_EL1', 'ID_AA64PFR0_EL1', 'CLIDR_EL1', 'AIDR_EL1', 'CTR_EL0'].map(index),
      [0, 32, 65, 71, 129],
    )
  })

  it('of a guest view are the 56 of CRm 1 to 7 and the five KVM gives besides, unallocated ones by encoding', () => {
    const names = FEATURE_ID_REGISTERS.map(({ name }) => name)
    assert.equal(names.length, 61)
    assert.ok(names.includes('S3_0_C0_C3_3') && names.includes('CTR_EL0'))
    assert.ok(!names.includes('MPIDR_EL1') && !names.includes('DCZID_EL0'))
    assert.deepEqual(registerByName('S3_0_C0_C3_3')?.fields, [])
  })

  it('say what is special about them', () => {
    const having = (trait: RegisterTrait): string[] =>
      ALL_ENCODINGS.filter(({ traits }) => traits.includes(trait)).map(({ name }) => name)
    assert.deepEqual(having('ImplementationId'), ['MIDR_EL1', 'REVIDR_EL1', 'AIDR_EL1'])
    assert.deepEqual(having('TakenWhole'), ['MIDR_EL1', 'REVIDR_EL1', 'CLIDR_EL1', 'AIDR_EL1'])
    assert.deepEqual(having('NoDefault'), ['CLIDR_EL1', 'CTR_EL0'])
    assert.ok(having('PerVcpu').includes('CLIDR_EL1') && !having('PerVcpu').includes('CTR_EL0'))
    assert.equal(having('AArch32').length, 20)
    assert.ok(!having('AArch32').some((name) => ['ID_AFR0_EL1', 'ID_DFR1_EL1'].includes(name)))
  })

  it('are unknown outside the space', () => {
    assert.equal(registerByName('SCTLR_EL1'), undefined)
    assert.equal(registerByKvmId(0x6030_0000_0014_0000n), undefined)
  })
})
