import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Field, FieldRule } from './field.ts'
import { isSafe, safeValue } from './safe-value.ts'

const field = (rule: FieldRule, signed = false, safe = 0): Field => ({
  name: 'F',
  shift: 0,
  width: 4,
  signed,
  rule,
  safeValue: safe,
  values: [],
})

const ALL = Array.from({ length: 16 }, (_, raw) => raw)

const FIELDS = [
  field('LowerSafe'),
  field('LowerSafe', true),
  field('HigherSafe'),
  field('HigherSafe', true),
  field('HigherOrZero'),
  field('Exact'),
  field('Exact', false, 6),
]

describe('the safe value of two values', () => {
  it('is the same in either order, and a value with itself stays', () => {
    for (const one of [...FIELDS, field('None')]) {
      for (const a of ALL) {
        assert.equal(safeValue(one, a, a), a)
        for (const b of ALL) assert.equal(safeValue(one, a, b), safeValue(one, b, a))
      }
    }
  })

  it('is a value KVM takes in place of either', () => {
    for (const one of FIELDS) {
      for (const a of ALL) {
        for (const b of ALL) {
          const safe = safeValue(one, a, b)
          assert.ok(isSafe(one, safe, a) && isSafe(one, safe, b), `${one.rule} ${a} ${b}`)
        }
      }
    }
  })

  it('does not depend on how three values are grouped, but for exact fields that only agree on the safe value', () => {
    const triples = ALL.flatMap((a) => ALL.flatMap((b) => ALL.map((c) => [a, b, c] as const)))
    for (const one of FIELDS.filter(({ rule }) => rule !== 'Exact')) {
      for (const [a, b, c] of triples) {
        assert.equal(safeValue(one, safeValue(one, a, b), c), safeValue(one, a, safeValue(one, b, c)))
      }
    }
  })

  it('takes 0xf of a signed field as lower than 0', () => {
    assert.equal(safeValue(field('LowerSafe', true), 15, 0), 15)
    assert.equal(safeValue(field('LowerSafe'), 15, 0), 0)
  })
})

describe('a value in place of the limit', () => {
  const taken = (one: Field, limit: number): number[] => ALL.filter((wanted) => isSafe(one, wanted, limit))

  it('may be anything lower where lower is safe', () => {
    assert.deepEqual(taken(field('LowerSafe'), 2), [0, 1, 2])
    assert.deepEqual(taken(field('LowerSafe', true), 1), [0, 1, 8, 9, 10, 11, 12, 13, 14, 15])
  })

  it('may be anything higher where higher is safe, or zero where the rule says so', () => {
    assert.deepEqual(taken(field('HigherSafe'), 13), [13, 14, 15])
    assert.deepEqual(taken(field('HigherOrZero'), 14), [0, 14, 15])
    assert.deepEqual(taken(field('HigherOrZero'), 0), [0])
  })

  it('may be the safe value alone where the field is exact, and nothing else where it has no rule', () => {
    assert.deepEqual(taken(field('Exact', false, 1), 2), [1, 2])
    assert.deepEqual(taken(field('None'), 2), [2])
  })
})
