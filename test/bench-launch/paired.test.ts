import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { judge, medianInterval, paired } from './paired.ts'

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1)

describe('the median of what turns gave', () => {
  // The places of the sign test's interval, as tables of it have them.
  for (const [count, low, high] of [
    [6, 1, 6],
    [10, 2, 9],
    [20, 6, 15],
    [50, 18, 33],
  ] as const)
    it(`has the values at places ${low} and ${high} of ${count} as bounds, in whichever order they came`, () => {
      const interval = medianInterval(upTo(count).toReversed())
      assert.deepEqual([interval.low, interval.high], [low, high])
    })

  it('has no bounds where there are too few values for any', () => {
    for (const values of [[], [1], upTo(5)]) {
      const { low, high } = medianInterval(values)
      assert.deepEqual([low, high], [-Infinity, Infinity])
    }
  })

  it('is moved little by one turn that was disturbed', () => {
    const { low, middle, high } = medianInterval([...upTo(19), 1e9])
    assert.ok(low >= 6 && middle <= 11 && high <= 15)
  })
})

describe('a target', () => {
  it('is held or missed where the whole interval is on one side of it', () => {
    assert.equal(judge({ low: 0.01, middle: 0.02, high: 0.03 }, 0.04), 'ok')
    assert.equal(judge({ low: 0.05, middle: 0.06, high: 0.07 }, 0.04), 'MISSED')
  })

  it('cannot be told where the interval has it inside', () => {
    assert.equal(judge({ low: 0.03, middle: 0.035, high: 0.05 }, 0.04), 'cannot tell')
  })

  it('cannot be told where the interval is wider than it: a median of -28.8 % says nothing', () => {
    assert.equal(judge({ low: -0.6, middle: -0.288, high: 0.05 }, 0.1), 'cannot tell')
    assert.equal(judge({ low: 0.5, middle: 0.6, high: 0.7 }, 0.1), 'cannot tell')
  })

  it('cannot be told from too few turns, or from none', () => {
    assert.equal(judge(medianInterval([0, 0, 0]), 0.1), 'cannot tell')
    assert.equal(judge(medianInterval([]), 0.1), 'cannot tell')
  })
})

describe('pairs of turns', () => {
  it('take out what disturbs both of a turn', () => {
    const load = [1, 5, 2, 9, 3, 1, 7, 4]
    const without = load.map((times) => 100 * times)
    const ours = load.map((times) => 103 * times)
    const shares = paired(ours, without, (one, other) => (one - other) / other)
    assert.ok(shares.every((share) => Math.abs(share - 0.03) < 1e-9))
    assert.equal(judge(medianInterval(shares), 0.04), 'ok')
  })

  it('leave out a turn in which one was not measured', () => {
    assert.deepEqual(
      paired([1, NaN, 3], [1, 2], (one, other) => one - other),
      [0],
    )
  })
})
