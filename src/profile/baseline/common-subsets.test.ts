import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { largestSubsets } from './common-subsets.ts'

/** Numbers that share a digit go together. */
const shareADigit = (numbers: readonly number[]): boolean =>
  ['0', '1', '2', '3', '4', '5'].some((digit) => numbers.every((number) => String(number).includes(digit)))

describe('the largest subsets that work', () => {
  it('come largest first, and none is within another', () => {
    assert.deepEqual(largestSubsets([12, 23, 31, 24, 25], shareADigit), [
      [12, 23, 24, 25],
      [12, 31],
      [23, 31],
    ])
  })

  it('work as a whole, where only the pairs of a set do', () => {
    for (const subset of largestSubsets([12, 23, 31], shareADigit)) assert.ok(shareADigit(subset))
  })

  it('are all of them, where all go together', () => {
    assert.deepEqual(
      largestSubsets([1, 2, 3], () => true),
      [[1, 2, 3]],
    )
  })

  it('are the single items, where no two go together', () => {
    assert.deepEqual(
      largestSubsets([1, 2], ({ length }) => length === 1),
      [[1], [2]],
    )
  })

  it('are found among many items too', () => {
    const numbers = Array.from({ length: 60 }, (_, index) => index)
    const [first] = largestSubsets(numbers, (subset) =>
      subset.every((number) => number % 3 === (subset[0] ?? 0) % 3),
    )
    assert.equal(first?.length, 20)
  })
})
