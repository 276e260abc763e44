import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ManualClock } from '../../test/doubles/manual-clock.ts'
import type { TransportResponse } from './https-transport.ts'
import { RequestSender } from './request-sender.ts'

const answer = (status: number, headers: Record<string, string> = {}): TransportResponse => ({
  status,
  headers,
  body: (async function* () {
    yield await Promise.resolve(Buffer.from('{}'))
  })(),
  discard: () => undefined,
})

/** A sender whose server gives these answers; and when each request came, in ms. */
const sender = (answers: TransportResponse[], random: () => number) => {
  const clock = new ManualClock()
  const at: number[] = []
  const transport = {
    send: () => {
      at.push(clock.monotonic())
      return Promise.resolve(answers.shift() ?? answer(200))
    },
    authenticateAnew: () => undefined,
    close: () => undefined,
  }
  return { sender: new RequestSender({ transport, clock, userAgent: 'test', random }), clock, at }
}

describe('a request that the server sends back', () => {
  for (const [random, ms] of [
    [0, 4000],
    [0.5, 5000],
    [0.999, 5998],
  ] as const)
    it(`comes again no sooner than the server says, and up to half as long later (${ms} ms)`, async () => {
      const { sender: sending, clock, at } = sender([answer(429, { 'retry-after': '4' })], () => random)
      const done = sending.json('GET', '/')
      await clock.advance(10_000)
      await done
      assert.deepEqual(at, [0, ms])
    })

  it('comes again after 429 and 5xx that say when, ten times in all', async () => {
    const answers = Array.from({ length: 20 }, () => answer(503, { 'retry-after': '1' }))
    const { sender: sending, clock, at } = sender(answers, () => 0)
    const failed = assert.rejects(sending.json('GET', '/'), { status: 503 })
    await clock.advance(30_000)
    await failed
    assert.equal(at.length, 10)
  })

  it('does not come again where the server does not say when', async () => {
    for (const status of [429, 500, 503, 404]) {
      const { sender: sending, at } = sender([answer(status)], () => 0)
      await assert.rejects(sending.json('GET', '/'), { status })
      assert.equal(at.length, 1)
    }
  })
})
