import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fieldMask, getField, rawValue, setField, signedValue, valueName } from './field.ts'
import type { Field } from './field.ts'
import { ALL_ENCODINGS, fieldByName, registerByName } from './register.ts'

const field = (register: string, name: string): Field => {
  const found = fieldByName(registerByName(register) ?? assert.fail(register), name)
  return found ?? assert.fail(`${register}.${name}`)
}

describe('a field', () => {
  it('keeps the other bits when it is set, and reads back what was set', () => {
    for (const register of ALL_ENCODINGS) {
      for (const one of register.fields.filter((candidate) => candidate.width <= 4)) {
        const maximum = 2 ** one.width - 1
        for (const background of [0n, 2n ** 64n - 1n]) {
          const value = setField(background, one, maximum)
          assert.equal(getField(value, one), maximum)
          assert.equal(value & ~fieldMask(one), background & ~fieldMask(one))
          assert.equal(getField(setField(value, one, 0), one), 0)
        }
      }
    }
  })

  it('does not overlap another field of its register', () => {
    for (const register of ALL_ENCODINGS) {
      let taken = 0n
      for (const one of register.fields) {
        assert.equal(taken & fieldMask(one), 0n, `${register.name}.${one.name}`)
        taken |= fieldMask(one)
      }
    }
  })

  it('reads 0xf of a signed field as -1 and of an unsigned one as 15', () => {
    assert.equal(signedValue(field('ID_AA64DFR0_EL1', 'DoubleLock'), 15), -1)
    assert.equal(signedValue(field('ID_AA64DFR0_EL1', 'PMUVer'), 15), 15)
    assert.equal(rawValue(field('ID_AA64DFR0_EL1', 'DoubleLock'), -1), 15)
  })

  it('is found in any spelling of case and knows the names of its values', () => {
    assert.equal(valueName(field('ID_AA64MMFR0_EL1', 'TGran4_2'), 1), 'NI')
    assert.equal(valueName(field('ID_AA64ISAR0_EL1', 'AES'), 3), undefined)
  })

  it('refuses a value that does not fit, and a 64-bit value in a number', () => {
    assert.throws(() => setField(0n, field('ID_AA64ISAR0_EL1', 'AES'), 16), RangeError)
    assert.throws(() => setField(0n, field('ID_AA64ISAR0_EL1', 'AES'), -1), RangeError)
    assert.throws(() => getField(0n, field('REVIDR_EL1', 'IMPDEF')), RangeError)
  })
})
