import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { canonicalJson } from './canonical-json.ts'

describe('canonicalJson', () => {
  it('does not depend on the order of keys, at any depth', () => {
    assert.equal(canonicalJson({ b: [{ d: 1, c: 2 }], a: 0 }), '{"a":0,"b":[{"c":2,"d":1}]}')
  })

  it('keeps the order of arrays and leaves out what is undefined', () => {
    assert.equal(canonicalJson({ a: ['2', '1'], b: undefined }), '{"a":["2","1"]}')
  })
})
