import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Plan } from '../../api/plan.ts'
import { launchPolicy } from './launch-policy.ts'
import { samplePlan } from '../../../test/fixtures/sample-plan.ts'

const policyOf = (changes: Partial<Plan>) => {
  const result = launchPolicy(samplePlan(changes))
  assert.ok(result.kind === 'policy')
  return result.policy
}

describe('launchPolicy', () => {
  it('hides every capability of a disabled feature, and of no other', () => {
    const policy = policyOf({
      vcpuFeatures: { sve: 'Disabled', pointerAuthentication: 'Disabled', pmu: 'Allowed', mte: 'Required' },
    })
    assert.deepEqual([...policy.hiddenCapabilities.keys()], [170, 171, 172])
  })

  it('leaves out of the register list what the plan says', () => {
    const policy = policyOf({ registerList: { exclude: ['0x603000000013c103'] } })
    assert.ok(policy.excludedRegisters.has(0x603000000013c103n))
  })

  it('has the IPA size follow PARANGE where that is specified', () => {
    const parange = (mask: string, value: string) =>
      policyOf({ registers: [{ register: 'ID_AA64MMFR0_EL1', mask, value }] })
    assert.equal(parange('0xf', '0x2').ipaBits, 40)
    assert.equal(parange('0xf0', '0x20').ipaBits, undefined)
  })

  it('writes the implementation ID first, and firmware registers last', () => {
    const policy = policyOf({
      registers: [
        { register: 'ID_AA64ISAR0_EL1', mask: '0xf0', value: '0x10' },
        { register: 'MIDR_EL1', mask: '0xffffffff', value: '0x1' },
      ],
      implementation: { midr: '0x410fd490', revidr: '0x0' },
      firmwareRegisters: [{ register: 'KVM_REG_ARM_PSCI_VERSION', value: '0x10001' }],
    })
    assert.deepEqual(
      policy.registers.map(({ name, kvmRegisterId, value }) => [name, kvmRegisterId, value]),
      [
        ['MIDR_EL1', 0x603000000013c000n, 0x410fd490n],
        ['REVIDR_EL1', 0x603000000013c006n, 0n],
        ['ID_AA64ISAR0_EL1', 0x603000000013c030n, 0x10n],
        ['KVM_REG_ARM_PSCI_VERSION', 0x6030000000140000n, 0x10001n],
      ],
    )
    assert.ok(policy.implementationId)
  })

  it('refuses a plan with what it does not know, by name', () => {
    const result = launchPolicy(
      samplePlan({
        registers: [{ register: 'ID_AA64NEW9_EL1', mask: '0x1', value: '0x1' }],
        atMost: [{ register: 'ID_AA64ISAR0_EL1', field: 'NEW', value: 1 }],
        requiredFeatures: ['FEAT_NEW9'],
      }),
    )
    assert.ok(result.kind === 'unusable')
    assert.deepEqual(
      result.refusals.map(({ reason, register, field, feature }) => [reason, register, field, feature]),
      [
        ['UnknownRegister', 'ID_AA64NEW9_EL1', undefined, undefined],
        ['UnknownRegister', 'ID_AA64ISAR0_EL1', 'NEW', undefined],
        ['UnknownRegister', undefined, undefined, 'FEAT_NEW9'],
      ],
    )
  })
})
