import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { launchPolicy } from './launch-policy.ts'
import { missingFeatures } from './missing-features.ts'
import { samplePlan } from '../../../test/fixtures/sample-plan.ts'

const policyOf = (requiredFeatures: string[]) => {
  const result = launchPolicy(samplePlan({ requiredFeatures }))
  assert.equal(result.kind, 'policy')
  return result.policy
}

describe('missingFeatures', () => {
  const aes = policyOf(['FEAT_AES'])
  const reads = (isar0: bigint) =>
    aes.registers.map(({ name }) => ({ errno: 0 as const, value: name === 'ID_AA64ISAR0_EL1' ? isar0 : 0n }))

  it('reads the registers of what is required, and writes none of them', () => {
    assert.ok(aes.registers.some(({ name }) => name === 'ID_AA64ISAR0_EL1'))
    assert.ok(aes.registers.every(({ mask }) => mask === 0n))
  })

  it('is satisfied by a feature that is there, in whatever strength', () => {
    for (const value of [0x10n, 0x20n]) assert.deepEqual(missingFeatures(aes, reads(value), new Map()), [])
  })

  it('names what a vCPU does not show', () => {
    assert.deepEqual(
      missingFeatures(aes, reads(0n), new Map()).map(({ reason, feature }) => [reason, feature]),
      [['FeatureMissing', 'FEAT_AES']],
    )
  })

  it('goes by what was kept where a register was written', () => {
    const kept = new Map([['ID_AA64ISAR0_EL1', 0n]])
    assert.equal(missingFeatures(aes, reads(0x10n), kept).length, 1)
  })

  it('reads what the condition of a feature depends on too: SVE2 shows only where SVE does', () => {
    const sve2 = policyOf(['FEAT_SVE2'])
    const shown = { ID_AA64PFR0_EL1: 0x1_0000_0011n, ID_AA64ZFR0_EL1: 1n } as Readonly<Record<string, bigint>>
    const reads = sve2.registers.map(({ name }) => ({ errno: 0 as const, value: shown[name] ?? 0n }))
    assert.deepEqual(missingFeatures(sve2, reads, new Map()), [])
  })
})
