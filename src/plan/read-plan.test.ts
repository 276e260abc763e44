import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Plan } from '../api/plan.ts'
import { samplePlan } from '../../test/fixtures/sample-plan.ts'
import { readPlan } from './read-plan.ts'

const resolved = (changes: Partial<Plan>) => {
  const read = readPlan(samplePlan(changes))
  assert.ok(read.kind === 'resolved')
  return read.plan
}

const ISAR0 = 'ID_AA64ISAR0_EL1'

describe('readPlan', () => {
  it('has registers in the order a launch writes them, and last those of which the plan names no bit', () => {
    const { registers } = resolved({
      registers: [
        { register: ISAR0, mask: '0xf0', value: '0x10' },
        { register: 'MIDR_EL1', mask: '0xffffffff', value: '0x1' },
      ],
      atMost: [{ register: 'ID_AA64ISAR1_EL1', field: 'DPB', value: 1 }],
      requiredFeatures: ['FEAT_LSE', 'FEAT_LRCPC', 'FEAT_CSV2_2'],
      implementation: { midr: '0x410fd490', revidr: '0x0' },
      firmwareRegisters: [{ register: 'KVM_REG_ARM_PSCI_VERSION', value: '0x10001' }],
    })
    assert.deepEqual(
      registers.map(({ name, kind, value }) => [name, kind, value]),
      [
        ['MIDR_EL1', 'implementation', 0x410fd490n],
        ['REVIDR_EL1', 'implementation', 0n],
        [ISAR0, 'feature', 0x10n],
        ['KVM_REG_ARM_PSCI_VERSION', 'firmware', 0x10001n],
        ['ID_AA64ISAR1_EL1', 'feature', 0n],
        ['ID_AA64PFR0_EL1', 'feature', 0n],
      ],
    )
  })

  it('tells which bits the plan says something of: what it specifies, and fields with a ceiling', () => {
    const [register] = resolved({
      registers: [{ register: ISAR0, mask: '0xf0', value: '0x10' }],
      atMost: [{ register: ISAR0, field: 'SHA1', value: 0 }],
    }).registers
    assert.equal(register?.mask, 0xf0n)
    assert.equal(register.saidBits, 0xff0n)
    assert.deepEqual(
      register.ceilings.map(({ field, value }) => [field.name, value]),
      [['SHA1', 0]],
    )
  })

  it('drops bits of a value outside its mask', () => {
    assert.equal(
      resolved({ registers: [{ register: ISAR0, mask: '0xf0', value: '0xff' }] }).registers[0]?.value,
      0xf0n,
    )
  })

  it('knows a register by its encoding, and any spelling of a field', () => {
    const { registers } = resolved({
      registers: [{ register: 'S3_0_C0_C6_0', mask: '0x1', value: '0x1' }],
      atMost: [{ register: 'ID_AA64MMFR0_EL1', field: 'TGran4', value: 0 }],
    })
    assert.deepEqual(
      registers.map(({ name }) => name),
      [ISAR0, 'ID_AA64MMFR0_EL1'],
    )
  })

  it('knows which bits come with a vCPU feature that is left to the VMM, and reads where else the feature shows', () => {
    const registers = [{ register: 'ID_AA64ZFR0_EL1', mask: '0xf', value: '0x1' }]
    const optional = resolved({ registers })
    assert.deepEqual(optional.optionalFeatures, ['sve'])
    assert.deepEqual(
      optional.registers.map(({ name, optionalBits }) => [name, optionalBits]),
      [
        ['ID_AA64ZFR0_EL1', [{ feature: 'sve', mask: (1n << 64n) - 1n }]],
        ['ID_AA64PFR0_EL1', [{ feature: 'sve', mask: 0xfn << 32n }]],
      ],
    )
    for (const sve of ['Required', 'Disabled'] as const) {
      const decided = resolved({ registers, vcpuFeatures: { sve } })
      assert.deepEqual(
        decided.registers.map(({ optionalBits }) => optionalBits),
        [[]],
      )
    }
  })

  const UNKNOWN: Readonly<Record<string, readonly [Partial<Plan>, unknown]>> = {
    'a register': [
      { registers: [{ register: 'ID_AA64NEW9_EL1', mask: '0x0', value: '0x0' }] },
      { register: 'ID_AA64NEW9_EL1' },
    ],
    'a firmware register': [
      { firmwareRegisters: [{ register: 'KVM_REG_ARM_NEW', value: '0x0' }] },
      { register: 'KVM_REG_ARM_NEW' },
    ],
    'the register of a ceiling': [
      { atMost: [{ register: 'ID_AA64NEW9_EL1', field: 'A', value: 0 }] },
      { register: 'ID_AA64NEW9_EL1' },
    ],
    'the field of a ceiling': [
      { atMost: [{ register: ISAR0, field: 'NEW', value: 0 }] },
      { register: ISAR0, field: 'NEW' },
    ],
    'a tolerated field': [
      { tolerated: [{ register: ISAR0, field: 'NEW', kind: 'Named' }] },
      { register: ISAR0, field: 'NEW' },
    ],
    'a required feature': [{ requiredFeatures: ['FEAT_NEW9'] }, { feature: 'FEAT_NEW9' }],
  }
  for (const [what, [changes, name]] of Object.entries(UNKNOWN)) {
    it(`names ${what} that this version does not know`, () => {
      assert.deepEqual(readPlan(samplePlan(changes)), { kind: 'unknown', names: [name] })
    })
  }

  it('reads a plan object once', () => {
    const plan = samplePlan({ registers: [{ register: ISAR0, mask: '0xf0', value: '0x10' }] })
    assert.equal(readPlan(plan), readPlan(plan))
  })
})
