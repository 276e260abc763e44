import assert from 'node:assert/strict'
import { beforeEach, describe, it } from 'node:test'
import { ManualClock } from '../../test/doubles/manual-clock.ts'
import { ApiError } from './api-error.ts'
import { EventRecorder, type EventRecorderOptions, type EventResult } from './event-recorder.ts'
import { KeptLog } from '../../test/doubles/kept-log.ts'
import { defineResource } from './resource.ts'

const nodes = defineResource({ apiVersion: 'v1', kind: 'Node', plural: 'nodes', namespaced: false })
const node = (uid: string) => ({ metadata: { name: 'n', uid } })
const HAPPENING = { type: 'Normal', reason: 'Waiting', action: 'Compile', note: 'for a node' } as const

describe('EventRecorder', () => {
  let clock = new ManualClock()
  let notes: string[] = []
  let refuses = false
  let results: EventResult[] = []
  /** What an answer waits for. */
  let answers: Promise<unknown> = Promise.resolve()
  let taken = false
  let names: string[] = []
  const create = ((_resource: unknown, event: { note: string; metadata: { name: string } }) => {
    names.push(event.metadata.name)
    if (taken)
      return Promise.reject(new ApiError({ status: 409, reason: 'AlreadyExists', message: 'is there' }))
    if (refuses) return Promise.reject(new Error('refused'))
    notes.push(event.note)
    return answers.then(() => event)
  }) as EventRecorderOptions['client']['create']
  const recorder = (log = new KeptLog()) =>
    new EventRecorder({
      ...{ client: { create }, clock, log, controller: 'c', instance: 'i', windowSeconds: 60 },
      observe: (result) => results.push(result),
    })
  const noted = (note: string) => ({ ...HAPPENING, note })

  beforeEach(() => {
    clock = new ManualClock()
    notes = []
    refuses = false
    taken = false
    names = []
    results = []
    answers = Promise.resolve()
  })

  it('tells the same words about the same object once within its window, and again after it', async () => {
    const events = recorder()
    events.record(nodes, node('1'), HAPPENING)
    await clock.advance(59_999)
    events.record(nodes, node('1'), HAPPENING)
    assert.equal(notes.length, 1)
    await clock.advance(1)
    events.record(nodes, node('1'), HAPPENING)
    assert.equal(notes.length, 2)
  })

  it('tells other words, another reason and another object of the same name at once', () => {
    const events = recorder()
    events.record(nodes, node('1'), HAPPENING)
    events.record(nodes, node('1'), { ...HAPPENING, note: 'for two nodes' })
    events.record(nodes, node('1'), { ...HAPPENING, reason: 'Lost' })
    events.record(nodes, node('2'), HAPPENING)
    assert.equal(notes.length, 4)
  })

  it('names an Event by its object and its id, and counts one that is there already as written', async () => {
    const log = new KeptLog()
    const events = recorder(log)
    taken = true
    events.record(nodes, node('1'), { ...HAPPENING, id: 'abc' })
    await events.flush()
    assert.deepEqual([results, log.lines], [['written'], []])
    events.record(nodes, node('2'), { ...HAPPENING, id: 'abc' })
    events.record({ ...nodes, kind: 'Edge' }, node('1'), { ...HAPPENING, id: 'abc' })
    recorder().record(nodes, node('1'), { ...HAPPENING, id: 'abc' })
    await events.flush()
    assert.match(names[0] ?? '', /^n\.[0-9a-f]{16}$/)
    assert.deepEqual([new Set(names).size, names.at(-1)], [3, names[0]])
    results = []
    events.record(nodes, node('1'), { ...HAPPENING, reason: 'Other' })
    await events.flush()
    assert.deepEqual(results, ['failed'])
  })

  it('tries again within the window what could not be written', async () => {
    const log = new KeptLog()
    const events = recorder(log)
    refuses = true
    events.record(nodes, node('1'), HAPPENING)
    await events.flush()
    assert.deepEqual(log.lines, ['warn event not written'])
    refuses = false
    events.record(nodes, node('1'), HAPPENING)
    assert.deepEqual(notes, ['for a node'])
  })

  describe('where the API server fails', () => {
    const NO_ANSWER = { status: 0, reason: 'Unreachable', message: 'the connection is gone' }
    const INTERNAL = { status: 500, reason: 'InternalError', message: 'etcd has no leader' }

    /** A recorder whose API server answers with these errors, one after the other, and then takes what comes. */
    const failing = (...errors: ConstructorParameters<typeof ApiError>[0][]) => {
      const sent: string[] = []
      const client = {
        create: ((_resource: unknown, event: { metadata: { name: string } }) => {
          sent.push(event.metadata.name)
          const error = errors.shift()
          return error === undefined ? Promise.resolve(event) : Promise.reject(new ApiError(error))
        }) as EventRecorderOptions['client']['create'],
      }
      const log = new KeptLog()
      const observe = (result: EventResult) => results.push(result)
      const events = new EventRecorder({ client, clock, log, controller: 'c', instance: 'i', observe })
      return { events, sent, log }
    }

    it('sends an Event again under its name, and counts one that is there by then as written', async () => {
      const taken = { status: 409, reason: 'AlreadyExists', message: 'is there' }
      const { events, sent, log } = failing(NO_ANSWER, INTERNAL, taken)
      events.record(nodes, node('1'), HAPPENING)
      await clock.advance(10_000)
      assert.deepEqual([results, log.lines], [['written'], []])
      assert.deepEqual([sent.length, new Set(sent).size], [3, 1])
    })

    it('gives up after four tries, and at once where the API server refuses', async () => {
      const lasting = failing(INTERNAL, INTERNAL, INTERNAL, INTERNAL)
      lasting.events.record(nodes, node('1'), HAPPENING)
      await clock.advance(60_000)
      assert.deepEqual([lasting.sent.length, results], [4, ['failed']])
      const refusing = failing({ status: 403, reason: 'Forbidden', message: 'no' })
      refusing.events.record(nodes, node('1'), HAPPENING)
      await clock.advance(60_000)
      assert.deepEqual([refusing.sent.length, results.at(-1)], [1, 'failed'])
    })

    it('does not keep a process that ends', async () => {
      const { events, sent } = failing(NO_ANSWER, NO_ANSWER, NO_ANSWER)
      events.record(nodes, node('1'), HAPPENING)
      await clock.advance(0)
      await events.flush()
      assert.deepEqual([sent.length, results], [2, ['failed']])
    })
  })

  it('sends eight at a time, lets a thousand wait, drops the others, and sends all that waited', async () => {
    const answer = Promise.withResolvers<undefined>()
    answers = answer.promise
    const events = recorder()
    for (let i = 0; i < 2000; i++) events.record(nodes, node(String(i)), HAPPENING)
    assert.equal(notes.length, 8)
    assert.deepEqual(results, Array<EventResult>(2000 - 1008).fill('dropped'))
    answer.resolve(undefined)
    await events.flush()
    assert.equal(notes.length, 1008)
    assert.equal(results.filter((result) => result === 'written').length, 1008)
    events.record(nodes, node('1999'), HAPPENING)
    await events.flush()
    assert.equal(notes.length, 1009)
  })

  it('tells ten notes of one reason, and what comes beyond them as one, until it has been quiet', async () => {
    const events = recorder()
    for (let i = 0; i < 20; i++) events.record(nodes, node('1'), noted(`try ${i}`))
    await events.flush()
    assert.deepEqual(notes.slice(9), ['try 9', '(combined from similar events): try 10'])
    events.record(nodes, node('1'), { ...noted('another'), reason: 'Lost' })
    await clock.advance(60_001)
    events.record(nodes, node('1'), noted('try 20'))
    await events.flush()
    assert.deepEqual(notes.slice(11), ['another', 'try 20'])
  })

  it('tells 25 events about one object, then one each five minutes, and others about other objects', async () => {
    const events = recorder()
    const record = (uid: string, count: number) => {
      for (let i = 0; i < count; i++)
        events.record(nodes, node(uid), { ...noted(`${i}`), reason: `Reason${i % 30}` })
    }
    record('1', 30)
    await events.flush()
    assert.equal(notes.length, 25)
    assert.deepEqual(results.slice(0, 5), Array<EventResult>(5).fill('spam'))
    record('2', 1)
    await clock.advance(300_000)
    record('1', 30)
    await events.flush()
    assert.equal(notes.length, 25 + 1 + 1)
  })

  it('cuts a note at 1024 bytes, between characters', () => {
    recorder().record(nodes, node('1'), { ...HAPPENING, note: 'ä'.repeat(600) })
    const [note = ''] = notes
    assert.ok(Buffer.byteLength(note) <= 1024 && /^ä{500,}\.\.\.$/.test(note), note)
  })
})
