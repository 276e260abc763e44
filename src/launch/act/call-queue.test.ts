import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { CallQueue } from './call-queue.ts'

const notificationOf = (tid: number) => ({ id: BigInt(tid), tid, syscall: 29, arch: 0xc00000b7, args: [] })
const [ONE, OTHER] = [{}, {}]
const callOf = (memory: object, tid: number) => ({ notification: notificationOf(tid), process: { memory } })

describe('the queue of the calls of a filter', () => {
  it('serves one call of a memory at a time, and gives back what queued behind it in its order', () => {
    const queue = new CallQueue()
    const call = callOf(ONE, 11)
    assert.equal(queue.queue(ONE, notificationOf(11)), false)
    queue.begin(call)
    const queued = [12, 13].map((tid) => queue.queue(ONE, notificationOf(tid)))
    assert.deepEqual(queued, [true, true])
    const tids = queue.end(call).map(({ tid }) => tid)
    assert.deepEqual(tids, [12, 13])
  })

  it('keeps one call of each thread, however often signals make it call anew', () => {
    const queue = new CallQueue()
    const call = callOf(ONE, 11)
    queue.begin(call)
    for (let time = 0; time < 1000; time++)
      for (const tid of [12, 13]) queue.queue(ONE, { ...notificationOf(tid), id: BigInt(time) })
    const queued = queue.end(call).map(({ tid, id }) => [tid, id])
    assert.deepEqual(queued, [
      [12, 999n],
      [13, 999n],
    ])
  })

  it('keeps nothing of a memory once its call has ended', () => {
    const queue = new CallQueue()
    const call = callOf(ONE, 11)
    queue.begin(call)
    queue.queue(ONE, notificationOf(12))
    queue.end(call)
    assert.equal(queue.isServing, false)
    assert.equal(queue.queue(ONE, notificationOf(12)), false)
    queue.begin(call)
    assert.deepEqual(queue.end(call), [])
  })

  it('serves the calls of several memories side by side', () => {
    const queue = new CallQueue()
    queue.begin(callOf(ONE, 11))
    assert.equal(queue.queue(OTHER, notificationOf(21)), false)
    queue.begin(callOf(OTHER, 21))
    const memories = [...queue.served()].map(({ process }) => process.memory)
    assert.deepEqual(memories, [ONE, OTHER])
  })

  it('knows the call of a thread for as long as it is being served', () => {
    const queue = new CallQueue()
    const call = callOf(ONE, 11)
    queue.begin(call)
    assert.equal(queue.inThread(11), call)
    assert.equal(queue.inThread(10), undefined)
    queue.end(call)
    assert.equal(queue.inThread(11), undefined)
  })
})
