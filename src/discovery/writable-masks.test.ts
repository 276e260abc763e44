import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { maskRangeIndex } from '../arm64/register.ts'
import { writableMasks } from './writable-masks.ts'

const masksWith = (index: number, mask: bigint): BigUint64Array => {
  const masks = new BigUint64Array(192)
  masks[index] = mask
  return masks
}

describe('writable masks', () => {
  it('are named by register, and those of nothing are left out', () => {
    const pfr0 = maskRangeIndex({ op1: 0, crm: 4, op2: 0 })
    assert.deepEqual(writableMasks(masksWith(pfr0, 0xff0n)), { writableMasks: { ID_AA64PFR0_EL1: '0xff0' } })
    const ctr = maskRangeIndex({ op1: 3, crm: 0, op2: 1 })
    assert.deepEqual(writableMasks(masksWith(ctr, 0xfn)), { writableMasks: { CTR_EL0: '0xf' } })
  })

  it('say which bits fall in no known field: all of them in an unallocated register', () => {
    const unallocated = maskRangeIndex({ op1: 0, crm: 3, op2: 3 })
    assert.deepEqual(writableMasks(masksWith(unallocated, 0xf0n)), {
      writableMasks: { S3_0_C0_C3_3: '0xf0' },
      unknownMaskBits: { S3_0_C0_C3_3: '0xf0' },
    })
  })
})
