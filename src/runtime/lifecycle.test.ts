import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { runLifecycle, type Part } from './lifecycle.ts'
import { ManualClock } from '../../test/doubles/manual-clock.ts'

const quiet = { info: () => undefined, error: () => undefined }

const recorded = (told: string[], name: string, overrides: Partial<Part> = {}): Part => ({
  name,
  start: () => {
    told.push(`+${name}`)
    return undefined
  },
  stop: () => {
    told.push(`-${name}`)
    return undefined
  },
  ...overrides,
})

describe('a lifecycle', () => {
  it('starts parts in order and stops them in reverse', async () => {
    const told: string[] = []
    const stop = new AbortController()
    const parts = ['a', 'b', 'c'].map((name) => recorded(told, name))
    const running = runLifecycle({ parts, clock: new ManualClock(), log: quiet }, stop.signal)
    await new Promise((resolve) => setImmediate(resolve))
    stop.abort()
    assert.deepEqual(await running, { kind: 'stopped' })
    assert.deepEqual(told, ['+a', '+b', '+c', '-c', '-b', '-a'])
  })

  it('stops what had started when a part does not start', async () => {
    const told: string[] = []
    const error = new Error('no')
    const parts = [
      recorded(told, 'a'),
      recorded(told, 'b', { start: () => Promise.reject(error) }),
      recorded(told, 'c'),
    ]
    const end = await runLifecycle(
      { parts, clock: new ManualClock(), log: quiet },
      new AbortController().signal,
    )
    assert.deepEqual(end, { kind: 'start-failed', part: 'b', error })
    assert.deepEqual(told, ['+a', '-a'])
  })

  it('stops the others though one fails and one hangs, and names both', async () => {
    const told: string[] = []
    const clock = new ManualClock()
    const parts = [
      recorded(told, 'a'),
      recorded(told, 'hangs', { stop: () => new Promise(() => undefined) }),
      recorded(told, 'fails', { stop: () => Promise.reject(new Error('no')) }),
    ]
    const running = runLifecycle({ parts, clock, log: quiet, stopSeconds: 5 }, AbortSignal.abort())
    assert.deepEqual(await running, { kind: 'stopped' })
    const stop = new AbortController()
    const again = runLifecycle({ parts, clock, log: quiet, stopSeconds: 5 }, stop.signal)
    await clock.advance(0)
    stop.abort()
    await clock.advance(5000)
    assert.deepEqual(await again, { kind: 'stop-failed', parts: ['fails', 'hangs'] })
    assert.equal(told.at(-1), '-a')
  })
})
