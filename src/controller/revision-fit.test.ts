import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Verdict } from '../compatibility/verdict.ts'
import { planFinding } from '../catalogue/plan-reasons.ts'
import { revisionFit } from './revision-fit.ts'

const unfit = (wanted: string): Verdict => ({
  kind: 'incompatible',
  findings: [
    planFinding('StoredOtherwise', { register: 'ID_AA64ISAR0_EL1', field: 'RNDR', wanted, limit: '0x0' }),
    planFinding('RegisterMissing', { register: 'ID_AA64ISAR3_EL1' }),
  ],
})

const why = (verdicts: readonly Verdict[], reported = 9): string => {
  const fit = revisionFit(verdicts, reported)
  return fit.fits ? assert.fail() : fit.why
}

describe('a revision', () => {
  it('fits where one class does', () => {
    assert.deepEqual(revisionFit([unfit('0x1'), { kind: 'compatible', tolerated: [] }], 2), { fits: true })
  })

  it('that no class fits says each reason once, the same in any order and for any number of classes', () => {
    const said = why([unfit('0x2'), unfit('0x1')])
    assert.equal(said.match(/RNDR/g)?.length, 2)
    assert.equal(said, why([unfit('0x1'), unfit('0x2'), unfit('0x1'), unfit('0x1')]))
    assert.doesNotMatch(said, /class|nodes/)
  })

  it('says it within what an Event has room for', () => {
    const many = Array.from({ length: 64 }, (_, index) => unfit(`0x${index.toString(16)}`))
    assert.ok(why(many).length <= 1024 - 160)
    assert.match(why(many), /; more reasons are in status\.classes of the profile$/)
  })

  it('fits none where no node has reported, or none with a usable KVM', () => {
    assert.deepEqual(
      [0, 2].map((reported) => revisionFit([], reported)),
      [
        { fits: false, reason: 'NoNodes', why: 'no node has reported; is the node-agent running?' },
        { fits: false, reason: 'NoCompatibleNode', why: 'no node has a usable KVM' },
      ],
    )
  })
})
