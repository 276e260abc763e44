import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { sveVectorLengths } from './sve-vector-lengths.ts'

describe('sveVectorLengths', () => {
  it('sets a bit for each length, 128 bits being the first', () => {
    const bytes = sveVectorLengths([128, 256, 512, 2048])
    assert.equal(bytes.length, 64)
    assert.equal(bytes.readBigUInt64LE(0), 0b1000_0000_0000_1011n)
    assert.ok(bytes.subarray(8).every((byte) => byte === 0))
  })
})
