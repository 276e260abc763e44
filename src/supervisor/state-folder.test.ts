import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { lockStateFolder } from './state-folder.ts'

describe('the folder in which a supervisor keeps its launches', () => {
  let parent: string
  beforeEach(() => {
    parent = mkdtempSync(join(tmpdir(), 'state-folder-'))
  })
  afterEach(() => {
    rmSync(parent, { recursive: true })
  })

  it('is made, for its owner alone', () => {
    const path = join(parent, 'launches')
    assert.equal(lockStateFolder(path), undefined)
    assert.equal(statSync(path).mode & 0o777, 0o700)
  })

  it('is not shared with another supervisor', () => {
    assert.equal(lockStateFolder(parent), undefined)
    assert.match(lockStateFolder(parent) ?? '', /another supervisor keeps its launches there/)
  })
})
