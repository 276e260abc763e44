import assert from 'node:assert/strict'
import { lstatSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { runVerb } from './run-verb.ts'

describe('a file that a launch is told to write', () => {
  let folder: string
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'launch-files-'))
  })
  after(() => {
    rmSync(folder, { recursive: true })
  })

  it('is no device: run --record fails, and nothing is launched', () => {
    const { status, stderr, stdout } = runVerb(['run', '--record', '/dev/null', '--', 'echo', 'launched'])
    assert.equal(status, 125)
    assert.equal(stdout, '')
    assert.match(stderr, /^cpufeatures run: --record \/dev\/null: it is no regular file; /)
    assert.ok(lstatSync('/dev/null').isCharacterDevice())
  })

  it('is no device: supervise --metrics fails', () => {
    const socket = join(folder, 'socket')
    const { status, stderr } = runVerb(['supervise', '--socket', socket, '--metrics', '/dev/null'])
    assert.equal(status, 2)
    assert.match(stderr, /--metrics \/dev\/null: it is no regular file/)
    assert.ok(lstatSync('/dev/null').isCharacterDevice())
  })

  it('is not lost where supervise --socket names it', () => {
    const notes = join(folder, 'notes')
    writeFileSync(notes, 'mine')
    const { status, stderr } = runVerb(['supervise', '--socket', notes])
    assert.equal(status, 2)
    assert.match(stderr, /there is a file that is no socket, and stays; name another place/)
    assert.equal(readFileSync(notes, 'utf8'), 'mine')
  })
})
