import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { sveVectorLengths } from './sve-vector-lengths.ts'

describe('SVE vector lengths', () => {
  it('are a bit for each 128 bits, over all eight words', () => {
    assert.deepEqual(sveVectorLengths(BigUint64Array.of(0b1011n)), [128, 256, 512])
    assert.deepEqual(sveVectorLengths(BigUint64Array.of(1n << 63n, 1n)), [64 * 128, 65 * 128])
  })

  it('are none where no bit is set', () => {
    assert.deepEqual(sveVectorLengths(new BigUint64Array(8)), [])
  })
})
