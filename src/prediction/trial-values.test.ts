import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fieldByName, registerByName } from '../arm64/register.ts'
import { getField } from '../arm64/field.ts'
import { trialValues } from './trial-values.ts'

const register = (name: string) => {
  const found = registerByName(name)
  assert.ok(found)
  return found
}

describe('the values that are tried in a register', () => {
  const pfr0 = register('ID_AA64PFR0_EL1')
  const limit = 0x1101_0000_2111_0112n

  it('are all sixteen of each four-bit field, but for what is there already', () => {
    const el0 = fieldByName(pfr0, 'EL0')
    assert.ok(el0)
    const rest = limit & ~0xfn
    const tried = trialValues(pfr0, limit)
      .filter((value) => (value & ~0xfn) === rest)
      .map((value) => getField(value, el0))
    assert.deepEqual(tried, [0, 1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15])
  })

  it('change one place at a time, and never say one twice', () => {
    const values = trialValues(pfr0, limit)
    assert.equal(new Set(values).size, values.length)
    for (const value of values) {
      const changed = Array.from(
        { length: 16 },
        (_, nibble) => ((value ^ limit) >> BigInt(nibble * 4)) & 0xfn,
      )
      assert.equal(changed.filter((bits) => bits !== 0n).length, 1)
    }
  })

  it('are the ends and the neighbours of a field that is not four bits wide', () => {
    const tried = trialValues(register('MIDR_EL1'), 0x411fd402n).map((value) =>
      Number((value >> 4n) & 0xfffn),
    )
    assert.deepEqual(
      [...new Set(tried)].sort((a, b) => a - b),
      [0, 0xd3f, 0xd40, 0xd41, 0xfff],
    )
  })

  it('reach every four bits of a register that has no field', () => {
    assert.deepEqual(
      trialValues(register('S3_0_C0_C3_3'), 0n),
      Array.from({ length: 16 }, (_, nibble) => 1n << BigInt(nibble * 4)),
    )
  })
})
