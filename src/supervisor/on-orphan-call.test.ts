import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { NotifiedCall } from '../launch/decide/notified-call.ts'
import { isLevelled, onOrphanCall } from './on-orphan-call.ts'

const KVM_EXIT_MMIO = 6
const IDLE = { state: 'none', exitReason: 0 } as const
const RAN = { state: 'none', exitReason: KVM_EXIT_MMIO } as const
const LEVELLED = { state: 'levelled', exitReason: 0 } as const
const BEGUN = { state: 'begun', exitReason: 0 } as const
const CALL = { fd: 7, argument: 0n } as const

describe('a call of a launch whose plan and state nobody can read', () => {
  it('goes on where it is the reset of a vCPU that has run', () => {
    assert.ok(isLevelled(RAN))
    assert.equal(onOrphanCall({ kind: 'vcpu-init', ...CALL }, RAN), 'resume')
  })

  it('goes on where it is the reset of a levelled vCPU, though its VM has not run yet', () => {
    assert.equal(onOrphanCall({ kind: 'vcpu-init', ...CALL }, LEVELLED), 'resume')
  })

  it('is refused where it is the first INIT of a vCPU, or of what is none', () => {
    for (const vcpu of [IDLE, BEGUN, undefined])
      assert.equal(onOrphanCall({ kind: 'vcpu-init', ...CALL }, vcpu), 'refuse')
  })

  it('is refused where only the plan could answer it, even of a vCPU that has run', () => {
    const calls: NotifiedCall[] = [
      { kind: 'create-vm' },
      { kind: 'check-extension', capability: 165 },
      { kind: 'get-reg-list', ...CALL },
    ]
    for (const one of calls) assert.equal(onOrphanCall(one, RAN), 'refuse', one.kind)
  })

  it('is refused where it finalises a vCPU that lacks what the plan requires', () => {
    const lacking = { state: 'lacking', exitReason: 0 } as const
    assert.equal(onOrphanCall({ kind: 'vcpu-finalize', ...CALL }, lacking), 'refuse')
  })

  it('goes on where no plan changes anything about it', () => {
    assert.equal(onOrphanCall({ kind: 'vcpu-finalize', ...CALL }, IDLE), 'resume')
    assert.equal(onOrphanCall({ kind: 'other' }, undefined), 'resume')
  })
})
