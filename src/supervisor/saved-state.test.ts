import assert from 'node:assert/strict'
import { closeSync, ftruncateSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, beforeEach, describe, it } from 'node:test'
import {
  clearMarks,
  readFixed,
  readForm,
  readMarks,
  readSaved,
  saveFixed,
  saveMark,
  StateWriter,
} from './saved-state.ts'

const PLACE = 16 << 20

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
    for (const read of [readForm, readSaved, readFixed]) assert.deepEqual(read(fd), { kind: 'empty' })
    assert.deepEqual(readForm(999), { kind: 'empty' })
  })

  it('is what was saved last', () => {
    const writer = new StateWriter(fd)
    for (const value of [{ a: 1 }, { a: 'é'.repeat(1000) }, { a: 3 }, { a: 4 }]) {
      writer.save(value)
      assert.deepEqual(readSaved(fd), { kind: 'value', value })
    }
  })

  it('begins with a line that says what it is, and is only read where its version is ours', () => {
    saveFixed(fd, { a: 'fixed' })
    assert.deepEqual(readForm(fd), { kind: 'current' })
    assert.deepEqual(readFixed(fd), { kind: 'value', value: { a: 'fixed' } })
    for (const version of ['0', '2', '10']) {
      writeSync(fd, `cpufeatures launch state ${version}\n`, 0)
      assert.deepEqual(readForm(fd), { kind: 'other-version', version })
    }
    for (const other of ['PNG', 'cpufeatures launch state of mine\n']) {
      ftruncateSync(fd, 0)
      writeSync(fd, other, 0)
      assert.deepEqual(readForm(fd), { kind: 'foreign' }, other)
    }
  })

  it('is the one before where the last was not written whole, wherever that ended', () => {
    const writer = new StateWriter(fd)
    writer.save({ a: 1 })
    writer.save({ a: 2 })
    for (const cut of [0, 1, 40, 88, 90]) {
      writeSync(fd, Buffer.alloc(100 - cut, 'x'), 0, 100 - cut, PLACE + cut)
      assert.deepEqual(readSaved(fd), { kind: 'value', value: { a: 1 } }, `cut at ${cut}`)
    }
  })

  it('is none where the first was not written whole, and damaged where neither is intact', () => {
    const writer = new StateWriter(fd)
    writer.save({ a: 1 })
    writeSync(fd, 'x', 2 * PLACE + 35)
    assert.deepEqual(readSaved(fd), { kind: 'empty' })
    writer.save({ a: 2 })
    writeSync(fd, 'x', PLACE + 35)
    assert.deepEqual(readSaved(fd), { kind: 'damaged' })
  })

  it('stays as it was where a value is too large for its place', () => {
    const writer = new StateWriter(fd)
    saveFixed(fd, { fixed: 1 })
    saveMark(fd, 0, 7)
    writer.save({ a: 1 })
    writer.save({ a: 2 })
    const tooLarge = { a: 'x'.repeat(PLACE) }
    for (let time = 0; time < 2; time++)
      assert.throws(() => {
        writer.save(tooLarge)
      }, /16 MiB/)
    assert.throws(() => {
      saveFixed(fd, tooLarge)
    }, /16 MiB/)
    assert.deepEqual(readSaved(fd), { kind: 'value', value: { a: 2 } })
    assert.deepEqual(readFixed(fd), { kind: 'value', value: { fixed: 1 } })
    assert.deepEqual(readMarks(fd), [7])
    writer.save({ a: 3 })
    assert.deepEqual(readSaved(fd), { kind: 'value', value: { a: 3 } })
  })

  it('is damaged where it claims to be larger than its place', () => {
    writeSync(fd, '0000000000 0000000001 9999999999\n', PLACE)
    writeSync(fd, '0000000000 0000000002 9999999999\n', 2 * PLACE)
    assert.deepEqual(readSaved(fd), { kind: 'damaged' })
  })

  it('has numbers beside it', () => {
    assert.deepEqual(readMarks(fd), [])
    saveMark(fd, 1, 4_194_304)
    saveMark(fd, 2, 7)
    saveFixed(fd, { fixed: 1 })
    new StateWriter(fd).save({ a: 1 })
    assert.deepEqual(readMarks(fd), [4_194_304, 7])
    saveMark(fd, 0, 12)
    saveMark(fd, 1, 0)
    assert.deepEqual(readMarks(fd), [12, 7])
    clearMarks(fd)
    assert.deepEqual(readMarks(fd), [])
    assert.deepEqual(readSaved(fd), { kind: 'value', value: { a: 1 } })
    assert.deepEqual(readFixed(fd), { kind: 'value', value: { fixed: 1 } })
  })

  it('goes on with the next writer', () => {
    new StateWriter(fd).save({ a: 1 })
    new StateWriter(fd).save({ a: 2 })
    assert.deepEqual(readSaved(fd), { kind: 'value', value: { a: 2 } })
  })
})
