import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { eventCounters } from './pmu.ts'

describe('the event counters of a PMU', () => {
  it('are bits 15:11 of PMCR_EL0', () => {
    assert.equal(eventCounters(0x41023000n), 6)
    assert.equal(eventCounters(0xf800n), 31)
    assert.equal(eventCounters(0x107ffn), 0)
  })
})
