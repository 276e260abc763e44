import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { fieldMask, fieldMaximum, getField, rawValue, setField, signedValue } from './field.ts'
import type { Field } from './field.ts'
import { underCeilings } from './field-ceiling.ts'
import { ALL_ENCODINGS, FEATURE_ID_REGISTERS, registerByKvmId, registerByName } from './register.ts'
import { isSafe, safeValue } from './safe-value.ts'

const FIELDS = FEATURE_ID_REGISTERS.flatMap(({ fields }) => fields).filter(({ width }) => width <= 32)

const word = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n })
const field = fc.constantFrom(...FIELDS)
const rawOf = (one: Field) => fc.nat({ max: fieldMaximum(one) })
const fieldAndRaws = field.chain((one) => fc.tuple(fc.constant(one), rawOf(one), rawOf(one), rawOf(one)))

describe('every field', () => {
  it('reads what was set, and leaves the rest of the register', () => {
    fc.assert(
      fc.property(word, fieldAndRaws, (value, [one, raw]) => {
        const set = setField(value, one, raw)
        assert.equal(getField(set, one), raw)
        assert.equal(set & ~fieldMask(one), value & ~fieldMask(one))
        assert.equal(setField(value, one, getField(value, one)), value)
      }),
    )
  })

  it('means one number for each raw value, and has one raw value for each', () => {
    fc.assert(
      fc.property(fieldAndRaws, ([one, a, b]) => {
        assert.equal(rawValue(one, signedValue(one, a)), a)
        assert.equal(signedValue(one, a) === signedValue(one, b), a === b)
      }),
    )
  })

  it("means its raw value in two's complement where it is signed, and itself where not", () => {
    fc.assert(
      fc.property(fieldAndRaws, ([one, raw]) => {
        const least = one.signed ? -(2 ** (one.width - 1)) : 0
        const meaning = signedValue(one, raw)
        assert.ok(
          meaning >= least && meaning < least + 2 ** one.width,
          `${one.name}: ${raw} means ${meaning}`,
        )
        assert.ok(meaning === raw || meaning === raw - 2 ** one.width)
      }),
      { numRuns: 2000 },
    )
  })
})

describe('the safe value', () => {
  it('is commutative, associative and idempotent', () => {
    fc.assert(
      fc.property(fieldAndRaws, ([one, a, b, c]) => {
        assert.equal(safeValue(one, a, b), safeValue(one, b, a))
        assert.equal(safeValue(one, safeValue(one, a, b), c), safeValue(one, a, safeValue(one, b, c)))
        assert.equal(safeValue(one, a, a), a)
      }),
      { numRuns: 2000 },
    )
  })

  it('is what KVM takes in place of either, where the field has a rule', () => {
    fc.assert(
      fc.property(fieldAndRaws, ([one, a, b]) => {
        const common = safeValue(one, a, b)
        // Without a rule KVM takes the limit and nothing else.
        assert.equal(isSafe(one, common, a), one.rule !== 'None' || common === a)
      }),
      { numRuns: 2000 },
    )
  })
})

describe('a ceiling', () => {
  it('is never exceeded, raises nothing, and changes nothing the second time', () => {
    fc.assert(
      fc.property(word, fieldAndRaws, (value, [one, raw]) => {
        const once = underCeilings(value, [{ field: one, value: raw }])
        const [before, after] = [value, once].map((each) => signedValue(one, getField(each, one)))
        assert.equal(after, Math.min(before ?? NaN, signedValue(one, raw)))
        assert.equal(once & ~fieldMask(one), value & ~fieldMask(one))
        assert.equal(underCeilings(once, [{ field: one, value: raw }]), once)
      }),
    )
  })
})

describe('every register', () => {
  it('is found by its name, its encoding and its id in KVM', () => {
    for (const register of ALL_ENCODINGS) {
      const { name, op1, crm, op2, kvmRegisterId } = register
      assert.equal(registerByName(name), register)
      assert.equal(registerByName(`S3_${op1}_C0_C${crm}_${op2}`), register)
      assert.equal(registerByKvmId(kvmRegisterId), register)
    }
  })
})
