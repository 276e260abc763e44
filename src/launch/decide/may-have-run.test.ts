import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { mayHaveRun } from './may-have-run.ts'

describe('mayHaveRun', () => {
  it('believes debugfs, however long ago the first INIT was', () => {
    assert.ok(!mayHaveRun({ kind: 'debugfs', exits: [0, 0] }, 3_600_000))
    assert.ok(mayHaveRun({ kind: 'debugfs', exits: [0, 1] }, 0))
    assert.ok(!mayHaveRun({ kind: 'debugfs', exits: [] }, 3_600_000))
  })

  it('takes a thread in KVM_RUN for a VM that runs', () => {
    assert.ok(mayHaveRun({ kind: 'proc', isInKvmRun: true }, 0))
  })

  it('takes no chance without debugfs when the first INIT was long ago', () => {
    assert.ok(!mayHaveRun({ kind: 'proc', isInKvmRun: false }, 100))
    assert.ok(mayHaveRun({ kind: 'proc', isInKvmRun: false }, 60_000))
  })
})
