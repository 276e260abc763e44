import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { decideLease, releasedLease, type LeaseObservation } from './decide-lease.ts'

const SELF = { identity: 'self', leaseSeconds: 15 }
const NOW = { wall: Date.UTC(2026, 0, 1), monotonic: 100_000 }
const heldBy = (
  holderIdentity: string,
  seenAtMs: number,
  renewTime = '2020-01-01T00:00:00.000000Z',
): LeaseObservation => ({
  spec: { holderIdentity, leaseDurationSeconds: 15, renewTime, acquireTime: renewTime, leaseTransitions: 4 },
  seenAtMs,
})

const CASES: Readonly<
  Record<string, { readonly observation: LeaseObservation | undefined; readonly takes: boolean }>
> = {
  'takes a lease that is not there': { observation: undefined, takes: true },
  'takes a lease that was given back': { observation: heldBy('', NOW.monotonic), takes: true },
  'renews its own': { observation: heldBy('self', NOW.monotonic), takes: true },
  'waits for another’s that changed lately, though its stamp is years old': {
    observation: heldBy('other', NOW.monotonic - 14_999),
    takes: false,
  },
  'takes another’s that has not changed for its duration, though its stamp is in the future': {
    observation: heldBy('other', NOW.monotonic - 15_000, '2099-01-01T00:00:00.000000Z'),
    takes: true,
  },
}

describe('a candidate', () => {
  for (const [sentence, { observation, takes }] of Object.entries(CASES)) {
    it(sentence, () => {
      assert.equal(decideLease(SELF, observation, NOW).kind, takes ? 'take' : 'wait')
    })
  }

  it('counts a transition when it takes over, none when it renews', () => {
    const taken = decideLease(SELF, heldBy('other', 0), NOW)
    const renewed = decideLease(SELF, heldBy('self', 0), NOW)
    assert.ok(taken.kind === 'take' && renewed.kind === 'take')
    assert.equal(taken.spec.leaseTransitions, 5)
    assert.equal(taken.spec.acquireTime, '2026-01-01T00:00:00.000000Z')
    assert.equal(renewed.spec.leaseTransitions, 4)
    assert.equal(renewed.spec.acquireTime, '2020-01-01T00:00:00.000000Z')
  })

  it('gives back only what it holds', () => {
    assert.equal(releasedLease(heldBy('other', 0).spec, 'self', NOW.wall), undefined)
    assert.equal(releasedLease(heldBy('self', 0).spec, 'self', NOW.wall)?.holderIdentity, '')
  })
})
