import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { numberOfState, stateOfNumber, type VcpuState } from './vcpu-state.ts'

const STATES: readonly VcpuState[] = ['none', 'begun', 'levelled', 'lengths-pending', 'unlevelled']

describe('the mark of a vCPU', () => {
  it('is a number that a file can have as its signal, 0 for one that has none, and says which state it is', () => {
    for (const state of STATES) {
      const number = numberOfState(state)
      assert.ok(number >= 0 && number <= 64)
      assert.equal(number === 0, state === 'none')
      assert.equal(stateOfNumber(number), state)
    }
  })

  it('that is none of ours says that its vCPU may have been INITed', () => {
    assert.equal(stateOfNumber(29), 'begun')
  })
})
