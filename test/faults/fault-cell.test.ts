import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isFaulty, outcomeOf } from './fault-cell.ts'

const vcpu = (init: number, rndr: string): string =>
  JSON.stringify({
    vm: 0,
    vcpu: 0,
    init,
    ...(init === 0 && { registers: { ID_AA64ISAR0_EL1: [rndr, rndr] } }),
  })

const seen = { number: 1, stdout: '', exitCode: 0, hangs: false, served: true, left: '' }

describe('the outcome of a fault', () => {
  it('is levelled only where the guest ran with what was planned', () => {
    assert.equal(outcomeOf({ ...seen, stdout: vcpu(0, '0x11') }), 'levelled')
    assert.equal(outcomeOf({ ...seen, stdout: vcpu(0, '0x1000000000000011') }), 'UNMASKED')
  })

  it('says how a launch failed that made no VM', () => {
    assert.equal(outcomeOf({ ...seen, exitCode: 137 }), 'the VMM dies')
    assert.equal(outcomeOf({ ...seen, exitCode: 1, stdout: vcpu(-22, '') }), 'INIT fails')
    assert.equal(outcomeOf({ ...seen, exitCode: 1 }), 'the VM is not made')
  })

  it('is faulty where something hangs, stays stopped or goes on unmasked', () => {
    for (const bad of [
      { served: false },
      { hangs: true },
      { left: '12 (vmm) t' },
      { stdout: vcpu(0, '0x1000000000000000') },
    ])
      assert.ok(isFaulty(outcomeOf({ ...seen, ...bad })))
    assert.ok(!isFaulty(outcomeOf({ ...seen, stdout: vcpu(0, '0x0') })))
  })
})
