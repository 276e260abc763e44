import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { latestOnly } from './latest-only.ts'

describe('sending only the latest value', () => {
  it('sends one at a time, and of those that come meanwhile the last', async () => {
    const pending = new Set<Promise<void>>()
    const sent: number[] = []
    let release = (): void => undefined
    const send = latestOnly(async (value: number) => {
      sent.push(value)
      await new Promise<void>((resolve) => {
        release = resolve
      })
    }, pending)
    for (let value = 0; value < 1000; value++) {
      send(value)
      assert.equal(pending.size, 1)
    }
    assert.deepEqual(sent, [0])
    release()
    await nextTurn()
    assert.deepEqual(sent, [0, 999])
    assert.equal(pending.size, 1)
    release()
    await nextTurn()
    assert.equal(pending.size, 0)
    send(1000)
    assert.deepEqual(sent, [0, 999, 1000])
  })
})
