import assert from 'node:assert/strict'
import { beforeEach, describe, it } from 'node:test'
import { ManualClock } from '../../test/doubles/manual-clock.ts'
import { EventRecorder, type EventRecorderOptions } from './event-recorder.ts'
import { KeptLog } from '../../test/doubles/kept-log.ts'
import { defineResource } from './resource.ts'

const nodes = defineResource({ apiVersion: 'v1', kind: 'Node', plural: 'nodes', namespaced: false })
const node = (uid: string) => ({ metadata: { name: 'n', uid } })
const HAPPENING = { type: 'Normal', reason: 'Waiting', action: 'Compile', note: 'for a node' } as const

describe('EventRecorder', () => {
  let clock = new ManualClock()
  let notes: string[] = []
  let refuses = false
  const create = ((_resource: unknown, event: { note: string }) => {
    if (refuses) return Promise.reject(new Error('refused'))
    notes.push(event.note)
    return Promise.resolve(event)
  }) as EventRecorderOptions['client']['create']
  const recorder = (log = new KeptLog()) =>
    new EventRecorder({ client: { create }, clock, log, controller: 'c', instance: 'i', windowSeconds: 60 })

  beforeEach(() => {
    clock = new ManualClock()
    notes = []
    refuses = false
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

  it('cuts a note at 1024 bytes, between characters', () => {
    recorder().record(nodes, node('1'), { ...HAPPENING, note: 'ä'.repeat(600) })
    const [note = ''] = notes
    assert.ok(Buffer.byteLength(note) <= 1024 && /^ä{500,}\.\.\.$/.test(note), note)
  })
})
