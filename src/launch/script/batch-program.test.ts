import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  BATCH_END,
  BATCH_ENTRY,
  BATCH_PROGRAM,
  batchProgramWords,
  batchResults,
  batchTable,
} from './batch-program.ts'

describe('the batch of system calls', () => {
  it('has number, arguments and result where the program looks for them', () => {
    const table = batchTable([
      { number: 29, args: [3, 0xffff_ffff_ffff_fff0n, -1] },
      { number: 215, args: [1, 2, 3, 4, 5, 6] },
    ])
    assert.equal(table.length, 2 * BATCH_ENTRY.size)
    assert.equal(table.readBigUInt64LE(0), 29n)
    assert.equal(table.readBigUInt64LE(16), 0xffff_ffff_ffff_fff0n)
    assert.equal(table.readBigUInt64LE(24), 0xffff_ffff_ffff_ffffn)
    assert.equal(table.readBigUInt64LE(64 + 48), 6n)
    assert.deepEqual(batchResults(table), [-4n, -4n])
  })

  it('ends in brk, at a word of its own', () => {
    assert.equal(BATCH_PROGRAM[Number(BATCH_END) / 4], 0xd4200000)
    assert.equal(batchProgramWords().length * 2, BATCH_PROGRAM.length)
    assert.equal(batchProgramWords()[5], 0xd503201f_d4200000n)
  })
})
