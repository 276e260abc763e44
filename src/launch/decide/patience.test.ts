import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Patience } from './patience.ts'

/** After how many seconds it is over where it is looked at so often, in ms, for at most a minute. */
const overAfter = (interval: number): number | undefined => {
  const patience = new Patience(0)
  for (let now = interval; now <= 60_000; now += interval) {
    patience.look(now)
    if (patience.isOver) return now / 1000
  }
  return undefined
}

describe('the patience with a thread that does not stop', () => {
  it('is over after ten seconds, whether or not the supervisor is busy with others', () => {
    for (const interval of [1, 20, 100]) assert.ok(Math.abs((overAfter(interval) ?? 0) - 10) < 0.3)
  })

  it('takes longer where the supervisor itself was held up: that time is not the thread’s', () => {
    assert.equal(overAfter(1000), undefined)
    const patience = new Patience(0)
    patience.look(3_600_000)
    assert.ok(!patience.isOver)
  })
})
