import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { samplePlan } from '../../../test/fixtures/sample-plan.ts'
import { launchPolicy } from './launch-policy.ts'
import type { NotifiedCall } from './notified-call.ts'
import type { VcpuState } from './vcpu-state.ts'
import { whenToLook, type OwnVcpu, type WhenToLook } from './when-to-look.ts'

const read = launchPolicy(samplePlan())
assert.ok(read.kind === 'policy')
const { policy } = read
const INIT: NotifiedCall = { kind: 'vcpu-init', fd: 9, argument: 0n }
const vcpu = (state: VcpuState): OwnVcpu => ({ kind: 'vcpu', state })

const CASES: readonly (readonly [string, OwnVcpu, WhenToLook])[] = [
  ['a vCPU that is new, once its thread is stopped', vcpu('none'), 'stopped'],
  ['one whose levelling had begun', vcpu('begun'), 'stopped'],
  ['one whose SVE lengths are not final', vcpu('lengths-pending'), 'stopped'],
  ['one that is levelled, not at all: it is a reset', vcpu('levelled'), 'never'],
  ['what is no vCPU, not at all', { kind: 'none' }, 'never'],
  // By these a call that is made again would not be known.
  ['one that was reported, before a stop', vcpu('unlevelled'), 'now'],
  ['one that cannot be seen, before a stop', { kind: 'unresolvable' }, 'now'],
]

describe('a KVM_ARM_VCPU_INIT has the other vCPUs looked at', () => {
  for (const [name, own, expected] of CASES)
    it(`of ${name}`, () => {
      assert.equal(whenToLook(policy, INIT, { vcpu: own, isOutOfSight: false }), expected)
    })

  it('before a stop where one may run that cannot be seen: nothing is levelled then', () => {
    assert.equal(whenToLook(policy, INIT, { vcpu: vcpu('none'), isOutOfSight: true }), 'now')
  })
})
