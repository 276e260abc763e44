import assert from 'node:assert/strict'
import { closeSync, ftruncateSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, beforeEach, describe, it } from 'node:test'
import { readMarks, readSaved, saveMark, StateWriter } from './saved-state.ts'

describe('the state of a process that may be killed', () => {
  const folder = mkdtempSync(join(tmpdir(), 'saved-state-'))
  let fd: number

  beforeEach(() => {
    fd = openSync(join(folder, 'state'), 'w+')
  })
  after(() => {
    closeSync(fd)
    rmSync(folder, { recursive: true })
  })

  it('is nothing at first', () => {
    assert.equal(readSaved(fd), undefined)
    assert.equal(readSaved(999), undefined)
  })

  it('is what was saved last', () => {
    const writer = new StateWriter(fd)
    for (const value of [{ a: 1 }, { a: 'é'.repeat(1000) }, { a: 3 }, { a: 4 }]) {
      writer.save(value)
      assert.deepEqual(readSaved(fd), value)
    }
  })

  it('is the one before where the last was not written whole, wherever that ended', () => {
    const writer = new StateWriter(fd)
    writer.save({ a: 1 })
    writer.save({ a: 2 })
    for (const cut of [0, 1, 40, 88, 90]) {
      writeSync(fd, Buffer.alloc(100 - cut, 'x'), 0, 100 - cut, cut)
      assert.deepEqual(readSaved(fd), { a: 1 }, `cut at ${cut}`)
    }
  })

  it('has numbers beside it', () => {
    assert.deepEqual(readMarks(fd), [])
    saveMark(fd, 1, 4_194_304)
    saveMark(fd, 2, 7)
    new StateWriter(fd).save({ a: 1 })
    assert.deepEqual(readMarks(fd), [4_194_304, 7])
    saveMark(fd, 0, 12)
    saveMark(fd, 1, 0)
    assert.deepEqual(readMarks(fd), [12, 7])
    assert.deepEqual(readSaved(fd), { a: 1 })
  })

  it('goes on with the next writer', () => {
    new StateWriter(fd).save({ a: 1 })
    new StateWriter(fd).save({ a: 2 })
    assert.deepEqual(readSaved(fd), { a: 2 })
    ftruncateSync(fd, 0)
    assert.equal(readSaved(fd), undefined)
  })
})
