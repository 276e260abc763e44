import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { InterruptedThreads } from './interrupted-threads.ts'

describe('threads whose calls a supervisor that has ended may have received', () => {
  it('are interrupted once each, and let go at their stops', () => {
    const stopped = new Set<number>()
    const interrupts: number[] = []
    const threads = new InterruptedThreads(
      [1],
      [2, 3].map((tid) => ({ tid, isWaiting: () => tid !== 3 })),
      {
        interrupt: (tid) => {
          interrupts.push(tid)
          return 'interrupted'
        },
        letGo: (tid) => stopped.has(tid),
      },
    )
    assert.ok(!threads.advance())
    assert.deepEqual(interrupts, [2])
    assert.deepEqual(threads.tids, [1, 2])
    stopped.add(2)
    assert.ok(threads.advance())
    assert.ok(threads.has(1) && !threads.has(2))
    stopped.add(1)
    assert.ok(threads.advance())
    assert.ok(!threads.areLeft)
  })

  it('are not forgotten where another traces them: each is interrupted once that has ended, if it still waits', () => {
    let isTraced = true
    let waits = true
    const on = {
      interrupt: () => (isTraced ? ('traced' as const) : ('interrupted' as const)),
      letGo: () => true,
    }
    const threads = new InterruptedThreads([], [{ tid: 1, isWaiting: () => waits }], on)
    assert.ok(threads.areLeft && !threads.has(1))
    assert.ok(!threads.advance())
    isTraced = false
    assert.ok(threads.advance())
    assert.ok(!threads.areLeft)
    isTraced = true
    const other = new InterruptedThreads([], [{ tid: 1, isWaiting: () => waits }], on)
    waits = false
    other.advance()
    assert.ok(!other.areLeft)
  })
})
