import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Fifo } from './fifo.ts'

/** Processor time in µs of taking `count` elements out of a queue that holds them all. */
const drainCost = (count: number): number => {
  const fifo = new Fifo<number>()
  for (let i = 0; i < count; i++) fifo.push(i)
  const before = process.cpuUsage()
  while (fifo.length > 0) fifo.shift()
  const { user, system } = process.cpuUsage(before)
  return user + system
}

describe('a queue', () => {
  it('hands out in order, whatever is put in and taken in between', () => {
    const fifo = new Fifo<number>()
    let [put, taken] = [0, 0]
    for (let round = 0; round < 500; round++) {
      for (let i = 0; i < 20 + (round % 7); i++) fifo.push(put++)
      for (let i = 0; i < 15 + (round % 9); i++) assert.equal(fifo.shift(), taken++)
      assert.equal(fifo.length, put - taken)
    }
    while (fifo.length > 0) assert.equal(fifo.shift(), taken++)
    assert.equal(taken, put)
    assert.equal(fifo.shift(), undefined)
  })

  it('gives all that is left at once', () => {
    const fifo = new Fifo<string>()
    for (const value of ['a', 'b', 'c']) fifo.push(value)
    fifo.shift()
    assert.deepEqual([fifo.drain(), fifo.length, fifo.shift()], [['b', 'c'], 0, undefined])
  })

  it('takes an element out of a large queue at the cost of one out of a small queue', () => {
    drainCost(8000)
    const small = Array.from({ length: 15 }, () => drainCost(8000)).reduce((sum, cost) => sum + cost)
    // Both take 120 000 elements. With Array.shift the large one costs hundreds of times as much.
    const large = drainCost(120_000)
    assert.ok(large < 40 * Math.max(small, 1000), `${large} µs against ${small} µs`)
  })
})
