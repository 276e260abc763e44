import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import type { HostDocument } from '../../../src/api/host-document.ts'
import { askOnce } from '../../differential/asked-cases.ts'
import { probeWithTrials } from '../../differential/ask-kvm.ts'
import { pairClaims } from '../../differential/pair-claim.ts'
import type { PairClaim } from '../../differential/pair-claim.ts'
import type { HostAccess } from '../../harness/host-access.ts'
import { connectHost } from '../../harness/lab-session.ts'

/** All pairs of a dozen hosts: `make differential`. */
describe('the baseline of Neoverse V1 and N2 on real KVM', () => {
  let hosts: readonly [HostAccess, HostAccess]
  let claims: readonly PairClaim[]

  before(async () => {
    hosts = await Promise.all([connectHost('neoverse-v1'), connectHost('neoverse-n2')])
    const documents: readonly [HostDocument, HostDocument] = await Promise.all([
      probeWithTrials(hosts[0]),
      probeWithTrials(hosts[1]),
    ])
    claims = pairClaims(documents)
  })

  it('is had by writing alone', () => {
    assert.deepEqual(
      claims.map(({ outcome }) => outcome),
      ['levelled', 'levelled', 'levelled', 'levelled'],
    )
  })

  it('is taken by both, and makes them equal bit for bit', async () => {
    const [a, b] = await Promise.all([
      askOnce(
        hosts[0],
        claims.flatMap(({ cases }) => cases[0]),
      ),
      askOnce(
        hosts[1],
        claims.flatMap(({ cases }) => cases[1]),
      ),
    ])
    for (const claim of claims) {
      assert.ok(claim.cases.flat().length > 5, claim.terms)
      assert.deepEqual(claim.contradictions([a, b]), [], claim.terms)
    }
  })
})
