import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { ServingLock } from './serving-lock.ts'

describe('the lock of the agent that serves', () => {
  it('is one agent’s at a time, and the next one’s as soon as that lets go', () => {
    const folder = mkdtempSync(join(tmpdir(), 'serving-lock-'))
    const [one, other, third] = [1, 2, 3].map(() => new ServingLock(join(folder, 'lock')))
    assert.ok(one && other && third)
    assert.equal(third.isFree, true)
    one.take()
    one.take()
    other.take()
    assert.equal(third.isFree, false)
    one.release()
    assert.equal(third.isFree, true)
    other.take()
    assert.equal(third.isFree, false)
    other.release()
    assert.equal(third.isFree, true)
    rmSync(folder, { recursive: true })
  })
})
