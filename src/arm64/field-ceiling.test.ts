import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { underCeilings } from './field-ceiling.ts'
import type { Field } from './field.ts'
import { fieldNamed } from './register.ts'

const fieldOf = (register: string, name: string): Field => {
  const field = fieldNamed(register, name)
  assert.ok(field)
  return field
}

const ATOMIC = { field: fieldOf('ID_AA64ISAR0_EL1', 'ATOMIC'), value: 2 }
const FP = { field: fieldOf('ID_AA64PFR0_EL1', 'FP'), value: 0xf }

describe('underCeilings', () => {
  it('brings down what is above, and nothing else of the register', () => {
    assert.equal(underCeilings(0xabc3_4def_0030_0001n, [ATOMIC]), 0xabc3_4def_0020_0001n)
  })

  it('leaves what is there already, or has less', () => {
    for (const value of [0n, 0x10_0000n, 0x20_0000n]) assert.equal(underCeilings(value, [ATOMIC]), value)
  })

  it('takes -1 of a signed field for less than 0', () => {
    assert.equal(underCeilings(0x0n, [FP]), 0xf_0000n)
    assert.equal(underCeilings(0xf_0000n, [{ ...FP, value: 0 }]), 0xf_0000n)
  })
})
