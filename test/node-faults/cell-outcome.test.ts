import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { guestOutcome, isDefect, launchesOutcome, type PodSeen } from './cell-outcome.ts'

const guest = (features: string): string =>
  `GUEST-BEGIN\nFeatures\t: fp ${features}\nREG MIDR_EL1 0x00000000411fd401\nGUEST-END\ntick 1\n`

const vmm = (isar1: string, exitCode = 0): string =>
  `{"vm":0,"vcpu":0,"init":0,"registers":{"ID_AA64ISAR1_EL1":["${isar1}","${isar1}"]}}\nEXIT ${exitCode}\n`

const SEEN: PodSeen = { printed: guest('asimd'), exitCode: 0, isDone: true, failedProbes: 0 }
const LEVELLED = '0x0001000010211302'
const AS_HOST = '0x0011100010211302'

describe('what a pod came to after a fault in its cluster', () => {
  it('is levelled where its guest sees the profile each time that it boots', () => {
    assert.equal(guestOutcome(SEEN), 'levelled')
    assert.equal(guestOutcome({ ...SEEN, printed: guest('asimd') + guest('asimd') }), 'levelled')
    assert.equal(guestOutcome({ ...SEEN, failedProbes: 2 }), 'levelled; its probe failed 2×')
  })

  it('is UNMASKED where the guest saw a hidden feature once, whatever else happened', () => {
    const printed = guest('asimd') + guest('asimd sve')
    assert.equal(guestOutcome({ ...SEEN, printed, exitCode: 1, isDone: false }), 'UNMASKED')
  })

  it('is a failure or a hang where the guest did not come to its end', () => {
    assert.equal(guestOutcome({ ...SEEN, exitCode: 1, isDone: false }), 'failed: exit code 1')
    assert.equal(guestOutcome({ ...SEEN, exitCode: undefined, isDone: false }), 'hung')
    // A guest that is cut off while it speaks tells nothing yet.
    const printed = guest('asimd') + 'GUEST-BEGIN\nFeatures\t: fp sv'
    assert.equal(guestOutcome({ ...SEEN, printed, isDone: false }), 'hung')
  })

  it('counts the launches of a pod that makes many', () => {
    const of = (printed: string) => launchesOutcome({ ...SEEN, printed })
    assert.equal(of(vmm(LEVELLED) + vmm(LEVELLED)), 'levelled')
    assert.equal(of(vmm(LEVELLED) + 'KVM_CREATE_VM\nEXIT 1\n'), '1 of its launches failed: exit code 1')
    assert.equal(of(vmm(LEVELLED) + vmm(AS_HOST)), 'UNMASKED')
    assert.equal(launchesOutcome({ ...SEEN, printed: vmm(LEVELLED), isDone: false }), 'hung')
  })

  it('is a defect if it is unmasked or hangs, and if it fails by what was planned', () => {
    assert.ok(isDefect('UNMASKED', false) && isDefect('hung; its probe failed 2×', false))
    assert.ok(isDefect('failed: exit code 1', true))
    assert.ok(!isDefect('1 of its launches failed: exit code 1', false))
    assert.ok(!isDefect('levelled; its probe failed 2×', true))
  })
})
