import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ManualClock } from '../../test/doubles/manual-clock.ts'
import { ApiError } from './api-error.ts'
import { KeptLog } from '../../test/doubles/kept-log.ts'
import { runWorkers } from './run-workers.ts'
import { WorkQueue } from './work-queue.ts'

const newQueue = (clock = new ManualClock()) =>
  new WorkQueue<string>({ clock, backoff: { baseMs: 100, maxMs: 1000 }, random: () => 0 })

describe('the work queue', () => {
  it('hands keys out in the order they came', async () => {
    const queue = newQueue()
    for (const key of ['a', 'b', 'c']) queue.add(key)
    assert.deepEqual([await queue.get(), await queue.get(), await queue.get()], ['a', 'b', 'c'])
  })

  it('hands a key that was added twice out once', async () => {
    const queue = newQueue()
    queue.add('a')
    queue.add('a')
    await queue.get()
    assert.equal(queue.depth, 0)
  })

  it('keeps a key that is added while it is worked on until that work has ended', async () => {
    const queue = newQueue()
    queue.add('a')
    await queue.get()
    queue.add('a')
    queue.add('a')
    assert.equal(queue.depth, 0)
    queue.done('a')
    assert.equal(queue.depth, 1)
    await queue.get()
    queue.done('a')
    assert.equal(queue.depth, 0)
  })

  it('does not forget that a key was given straight to a waiting worker', async () => {
    const queue = newQueue()
    const waiting = queue.get()
    queue.add('a')
    queue.add('a')
    assert.equal(await waiting, 'a')
    assert.equal(queue.depth, 0)
    queue.done('a')
    assert.equal(queue.depth, 1)
  })

  it('counts the earlier of two delays of one key', async () => {
    const clock = new ManualClock()
    const queue = newQueue(clock)
    queue.addAfter('a', 5000)
    queue.addAfter('a', 1000)
    queue.addAfter('a', 3000)
    await clock.advance(999)
    assert.equal(queue.depth, 0)
    await clock.advance(1)
    assert.equal(queue.depth, 1)
    await queue.get()
    queue.done('a')
    await clock.advance(10_000)
    assert.equal(queue.depth, 0)
  })

  it('doubles a key’s back-off up to the longest, and starts over when the key is forgotten', async () => {
    const clock = new ManualClock()
    const queue = newQueue(clock)
    // With random 0 the delay is half of 100, 200, 400, 800, 1000, 1000.
    for (const ms of [50, 100, 200, 400, 500, 500]) {
      queue.addRateLimited('a')
      await clock.advance(ms - 1)
      assert.equal(queue.depth, 0)
      await clock.advance(1)
      assert.equal(await queue.get(), 'a')
      queue.done('a')
    }
    queue.forget('a')
    queue.addRateLimited('a')
    await clock.advance(50)
    assert.equal(queue.depth, 1)
  })

  it('shuts down when what was queued has been worked on, and drops what was delayed', async () => {
    const clock = new ManualClock()
    const queue = newQueue(clock)
    queue.add('a')
    queue.add('b')
    queue.addAfter('late', 10)
    await queue.get()
    let ended = false
    const shutdown = queue.shutdown().then(() => (ended = true))
    await clock.advance(100)
    queue.add('refused')
    assert.equal(await queue.get(), 'b')
    assert.equal(await queue.get(), undefined)
    queue.done('a')
    await clock.advance(0)
    assert.equal(ended, false)
    queue.done('b')
    await shutdown
    assert.equal(clock.sleeping, 0)
  })
})

describe('workers', () => {
  it('never work on one key twice at a time, however many they are and however often it is added', async () => {
    const queue = newQueue()
    const busy = new Set<string>()
    let runs = 0
    const reconcile = async (key: string) => {
      assert.ok(!busy.has(key), 'two workers on one key')
      busy.add(key)
      await new Promise((resolve) => setImmediate(resolve))
      queue.add(runs++ < 200 ? key : 'last')
      busy.delete(key)
      if (runs > 210) void queue.shutdown()
      return undefined
    }
    for (let i = 0; i < 5; i++) queue.add(`key-${i}`)
    const log = new KeptLog()
    await runWorkers(queue, { concurrency: 4, reconcile, log })
    assert.deepEqual(log.lines, [])
    assert.ok(runs > 200)
  })

  it('try again the keys that a busy server sent back, not all at the same moment', async () => {
    const clock = new ManualClock()
    const queue = newQueue(clock)
    const at: number[] = []
    const busy = new ApiError({
      status: 429,
      reason: 'TooManyRequests',
      message: 'busy',
      retryAfterSeconds: 10,
    })
    const seen = new Set<string>()
    const reconcile = (key: string) => {
      if (seen.has(key)) at.push(clock.monotonic())
      return seen.size === seen.add(key).size ? Promise.resolve(undefined) : Promise.reject(busy)
    }
    const draws = [0, 0.2, 0.9]
    const random = () => draws.shift() ?? 1
    const working = runWorkers(queue, { concurrency: 1, reconcile, log: new KeptLog(), random })
    for (const key of ['a', 'b', 'c']) queue.add(key)
    await clock.advance(20_000)
    await queue.shutdown()
    await working
    assert.deepEqual(at, [10_000, 11_000, 14_500])
  })

  it('try a failed key again, after the time the server gave where it gave one', async () => {
    const clock = new ManualClock()
    const queue = newQueue(clock)
    const failures = [
      new Error('broken'),
      new ApiError({ status: 429, reason: 'TooManyRequests', message: 'busy', retryAfterSeconds: 7 }),
      new ApiError({ status: 409, reason: 'Conflict', message: 'changed' }),
    ]
    const at: number[] = []
    const results: string[] = []
    const reconcile = () => {
      at.push(clock.monotonic())
      const failure = failures.shift()
      return failure === undefined ? Promise.resolve(undefined) : Promise.reject(failure)
    }
    const log = new KeptLog()
    const observe = ({ result }: { result: string }) => results.push(result)
    const working = runWorkers(queue, { concurrency: 1, reconcile, log, observe, random: () => 0 })
    queue.add('a')
    await clock.advance(20_000)
    await queue.shutdown()
    await working
    assert.deepEqual(at, [0, 50, 7050, 7150])
    assert.deepEqual(results, ['error', 'error', 'conflict', 'success'])
    assert.equal(queue.failures('a'), 0)
  })
})
