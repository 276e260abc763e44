import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isFaulty, outcomeOf } from './cell-outcome.ts'
import type { SeenCell } from './cell-outcome.ts'
import { seenCell, vcpuLine } from './sample-cell.ts'

const CALL = 'ptrace 0x4207'
const outcome = (seen: Partial<SeenCell>): string => outcomeOf(seenCell({ at: CALL, ...seen }), CALL)

describe('the outcome of a fault', () => {
  it('is levelled only where the guest ran with what was planned', () => {
    assert.equal(outcome({ stdout: vcpuLine(0, 0, '0x11') }), 'levelled')
    assert.equal(outcome({ stdout: vcpuLine(0, 0, '0x1000000000000011') }), 'UNMASKED')
  })

  it('says who ended a VMM that made no VM', () => {
    assert.equal(outcome({ exitCode: 137 }), 'ended with its supervisor')
    assert.equal(outcome({ fault: 'kill-vmm', exitCode: 137 }), 'ended by the fault')
    assert.equal(outcome({ fault: 'stop-vmm', exitCode: 137 }), 'killed by its supervisor')
    assert.equal(outcome({ fault: 'exec-vmm' }), 'ended by the fault')
  })

  it('says which call failed, and with what', () => {
    assert.equal(outcome({ exitCode: 1, stdout: vcpuLine(0, -22, '') }), 'KVM_ARM_VCPU_INIT fails: EINVAL')
    const failed = '{"failed":"KVM_CREATE_VM","errno":38}'
    assert.equal(outcome({ exitCode: 2, stdout: failed }), 'KVM_CREATE_VM fails: ENOSYS')
  })

  it('is faulty where something hangs, stays stopped or traced, or goes on unmasked', () => {
    for (const bad of [
      { served: false },
      { exitCode: undefined },
      { left: '12 (vmm) t' },
      { traced: true },
      { stdout: vcpuLine(0, 0, '0x1000000000000000') },
    ])
      assert.ok(isFaulty(outcome(bad)))
    assert.ok(!isFaulty(outcome({ stdout: vcpuLine(0, 0, '0x0') })))
  })

  it('is faulty where a VMM is killed after its guest has run, crashes, or fails elsewhere', () => {
    assert.ok(isFaulty(outcome({ exitCode: 137, stdout: vcpuLine(0, 0, '0x0') })))
    assert.ok(isFaulty(outcome({ exitCode: 139 })))
    assert.ok(isFaulty(outcome({ exitCode: 2, stdout: '{"failed":"KVM_RUN","errno":14}' })))
  })

  it('is none where the fault did not happen at the call that it was for', () => {
    assert.equal(outcome({ at: undefined }), 'not reached')
    assert.equal(outcome({ at: 'ptrace 0x11' }), 'not reached')
  })
})
