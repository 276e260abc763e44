import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Field } from '../arm64/field.ts'
import { levelRegister } from './level.ts'
import type { PlannedRegister } from './planned-register.ts'

const PLANNED: PlannedRegister = {
  name: 'X',
  kind: 'feature',
  kvmRegisterId: 0n,
  mask: 0xff0n,
  value: 0x120n,
  saidBits: 0xff0n,
  optionalBits: [],
  ceilings: [],
}

describe('levelRegister', () => {
  it('takes the specified bits from the plan and the others from the vCPU', () => {
    assert.equal(levelRegister(PLANNED, 0xffffn), 0xf12fn)
  })

  it('leaves a field at 0 whose vCPU feature was not asked for', () => {
    assert.equal(levelRegister({ ...PLANNED, optionalBits: [0xf0n] }, 0xf00fn), 0xf10fn)
  })

  it('levels such a field where the vCPU shows it', () => {
    assert.equal(levelRegister({ ...PLANNED, optionalBits: [0xf0n] }, 0xf05fn), 0xf12fn)
  })

  it('leaves the PSCI version of a vCPU made without PSCI 0.2 alone: KVM takes no other there', () => {
    const psci = { ...PLANNED, name: 'KVM_REG_ARM_PSCI_VERSION', mask: (1n << 64n) - 1n, value: 0x10001n }
    assert.equal(levelRegister(psci, 1n), 1n)
    assert.equal(levelRegister(psci, 0x10003n), 0x10001n)
  })

  it('brings a field down to its ceiling, unless its vCPU feature was not asked for', () => {
    const field: Field = {
      name: 'F',
      shift: 4,
      width: 4,
      signed: true,
      rule: 'LowerSafe',
      safeValue: 0,
      values: [],
    }
    const under = { ...PLANNED, mask: 0n, value: 0n, ceilings: [{ field, value: 0xf }] }
    assert.equal(levelRegister(under, 0x321n), 0x3f1n)
    assert.equal(levelRegister(under, 0x301n), 0x3f1n)
    assert.equal(levelRegister({ ...under, optionalBits: [0xf0n] }, 0x301n), 0x301n)
  })

  it('changes nothing the second time, for every value of both bytes', () => {
    for (let had = 0n; had < 0x1000n; had++) {
      for (const optionalBits of [[], [0xf0n], [0xf0n, 0xf00n]]) {
        const once = levelRegister({ ...PLANNED, optionalBits }, had)
        assert.equal(levelRegister({ ...PLANNED, optionalBits }, once), once)
      }
    }
  })
})
