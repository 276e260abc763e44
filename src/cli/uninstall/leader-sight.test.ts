import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { KubeObject } from '../../kube/kube-object.ts'
import type { Lease } from '../../kube/lease.ts'
import type { Removal } from './removal.ts'
import { LeaderSight } from './leader-sight.ts'

const OURS = new Set(['ours'])

const sightOf = () => {
  const seen: { lease: Lease | undefined; nowMs: number } = { lease: undefined, nowMs: 0 }
  const list = (() =>
    Promise.resolve(seen.lease === undefined ? [] : ([seen.lease] as KubeObject[]))) as Removal['list']
  return { seen, sight: new LeaderSight({ list }, { monotonic: () => seen.nowMs }) }
}

const lease = (resourceVersion: string, holderIdentity = 'a', namespace = 'ours'): Lease => ({
  metadata: { name: 'cpufeatures-controller', namespace, resourceVersion },
  spec: { holderIdentity, leaseDurationSeconds: 15, renewTime: '1999-01-01T00:00:00.000000Z' },
})

describe('whether a controller leads', () => {
  it('is denied without a Lease, with one that was released, and with one elsewhere', async () => {
    const { seen, sight } = sightOf()
    for (const one of [undefined, lease('1', ''), lease('1', 'a', 'other')]) {
      seen.lease = one
      assert.equal(await sight.leads(OURS), false)
    }
  })

  it('is affirmed while its Lease changes, whatever time the Lease names', async () => {
    const { seen, sight } = sightOf()
    for (const version of ['1', '2', '3']) {
      seen.lease = lease(version)
      assert.equal(await sight.leads(OURS), true)
      seen.nowMs += 29_000
      assert.equal(await sight.leads(OURS), true)
    }
    seen.nowMs += 1_000
    assert.equal(await sight.leads(OURS), false)
  })
})
