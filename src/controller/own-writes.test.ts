import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { OwnWrites } from './own-writes.ts'

describe('own writes', () => {
  it('make the object before them a thing of the past', () => {
    const writes = new OwnWrites()
    writes.wrote('a', '1', '2')
    assert.ok(writes.isBehind('a', '1'))
    assert.ok(!writes.isBehind('b', '1'))
  })

  it('are forgotten once a newer object is shown, whoever wrote it', () => {
    const writes = new OwnWrites()
    writes.wrote('a', '1', '2')
    assert.ok(!writes.isBehind('a', '3'))
    assert.ok(!writes.isBehind('a', '1'))
  })

  it('that changed nothing are waited for in vain, and so not at all', () => {
    const writes = new OwnWrites()
    writes.wrote('a', '1', '1')
    assert.ok(!writes.isBehind('a', '1'))
  })
})
