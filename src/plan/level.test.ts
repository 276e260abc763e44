import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Field } from '../arm64/field.ts'
import { levelled, missingRegisters } from './level.ts'
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

/** What a register becomes that stands alone. */
const level = (planned: PlannedRegister, shown: bigint): bigint | undefined =>
  levelled([planned], new Map([[planned.name, shown]])).get(planned.name)

const OPTIONAL = { ...PLANNED, optionalBits: [{ feature: 'sve', mask: 0xf0n }] } as const

describe('levelled', () => {
  it('takes the specified bits from the plan and the others from the vCPU', () => {
    assert.equal(level(PLANNED, 0xffffn), 0xf12fn)
  })

  it('leaves out a register that the vCPU does not show', () => {
    assert.deepEqual(levelled([PLANNED], new Map()), new Map())
  })

  it('misses a register only if the plan wants a bit of it to be set', () => {
    const names = (...registers: PlannedRegister[]): readonly string[] =>
      missingRegisters(registers, new Map()).map(({ name }) => name)
    assert.deepEqual(names(PLANNED), ['X'])
    assert.deepEqual(names({ ...PLANNED, value: 0n }), [])
    assert.deepEqual(names({ ...PLANNED, mask: 0n, value: 0n }), [])
    assert.deepEqual(names({ ...OPTIONAL, mask: 0xf0n, value: 0x20n }), [])
    assert.deepEqual(missingRegisters([PLANNED], new Map([['X', 0n]])), [])
  })

  it('leaves the bits of a vCPU feature at 0 that was not asked for', () => {
    assert.equal(level(OPTIONAL, 0xf00fn), 0xf10fn)
  })

  it('levels them where the vCPU shows any of them', () => {
    assert.equal(level(OPTIONAL, 0xf05fn), 0xf12fn)
  })

  it('raises a bit of a vCPU feature that is there, in whatever register it shows: KVM says whether it can', () => {
    const other: PlannedRegister = {
      ...{ ...PLANNED, name: 'Y', mask: 0n, value: 0n, saidBits: 0n },
      optionalBits: [{ feature: 'sve', mask: 0xfn }],
    }
    const wanted = (y: bigint) =>
      levelled(
        [OPTIONAL, other],
        new Map([
          ['X', 0n],
          ['Y', y],
        ]),
      ).get('X')
    assert.equal(wanted(1n), 0x120n)
    assert.equal(wanted(0n), 0x100n)
  })

  it('leaves the PSCI version of a vCPU made without PSCI 0.2 alone: KVM takes no other there', () => {
    const psci = { ...PLANNED, name: 'KVM_REG_ARM_PSCI_VERSION', mask: (1n << 64n) - 1n, value: 0x10001n }
    assert.equal(level(psci, 1n), 1n)
    assert.equal(level(psci, 0x10003n), 0x10001n)
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
    const under = { mask: 0n, value: 0n, ceilings: [{ field, value: 0xf }] }
    assert.equal(level({ ...PLANNED, ...under }, 0x321n), 0x3f1n)
    assert.equal(level({ ...PLANNED, ...under }, 0x301n), 0x3f1n)
    assert.equal(level({ ...OPTIONAL, ...under }, 0x301n), 0x301n)
  })

  it('changes nothing the second time, for every value of both bytes', () => {
    const both = [...OPTIONAL.optionalBits, { feature: 'pmu', mask: 0xf00n } as const]
    for (let had = 0n; had < 0x1000n; had++) {
      for (const optionalBits of [[], OPTIONAL.optionalBits, both]) {
        const once = level({ ...PLANNED, optionalBits }, had) ?? 0n
        assert.equal(level({ ...PLANNED, optionalBits }, once), once)
      }
    }
  })
})
