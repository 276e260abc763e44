import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { maskedCover, type MaskedValue } from './masked-cover.ts'

const matches = ({ mask, value }: MaskedValue, one: bigint): boolean => (one & mask) === value

const maskedValue = fc
  .tuple(fc.bigInt({ min: 0n, max: 63n }), fc.bigInt({ min: 0n, max: 63n }))
  .map(([mask, value]): MaskedValue => ({ mask, value: value & mask }))

describe('maskedCover', () => {
  it('matches each value once if no excluded one matches it, and never otherwise', () => {
    fc.assert(
      fc.property(fc.array(maskedValue, { maxLength: 6 }), (excluded) => {
        const cover = maskedCover(6, excluded)
        for (let one = 0n; one < 64n; one++) {
          const expected = excluded.some((other) => matches(other, one)) ? 0 : 1
          assert.equal(cover.filter((other) => matches(other, one)).length, expected, String(one))
        }
      }),
    )
  })

  it('is everything where nothing is excluded, and nothing where everything is', () => {
    assert.deepEqual(maskedCover(32, []), [{ mask: 0n, value: 0n }])
    assert.deepEqual(maskedCover(32, [{ mask: 0n, value: 0n }]), [])
  })

  it('asks once for what all excluded values have in common', () => {
    const word = 0xffff_ffffn
    const two = [0xae01n, 0xae03n].map((value) => ({ mask: word, value }))
    assert.equal(maskedCover(32, two).length, 31)
  })
})
