import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ManualClock } from '../../test/doubles/manual-clock.ts'
import { ApiError } from './api-error.ts'
import { KeptLog } from '../../test/doubles/kept-log.ts'
import type { KubeClient } from './kube-client.ts'
import { LeaderElector } from './leader-elector.ts'
import type { Lease } from './lease.ts'

type LeaseClient = Pick<KubeClient, 'get' | 'create' | 'update'>

/** One lease with optimistic concurrency, at the client's port. */
class LeaseStore {
  lease: Lease | undefined
  down = false
  #version = 0

  readonly client = {
    get: () => this.#answer(() => this.lease ?? this.#fail(404)),
    create: (_resource: unknown, object: Lease) =>
      this.#answer(() => (this.lease === undefined ? this.#store(object) : this.#fail(409))),
    update: (_resource: unknown, object: Lease) =>
      this.#answer(() =>
        object.metadata.resourceVersion === this.lease?.metadata.resourceVersion
          ? this.#store(object)
          : this.#fail(409),
      ),
  } as unknown as LeaseClient

  #store(object: Lease): Lease {
    this.lease = { ...object, metadata: { ...object.metadata, resourceVersion: String(++this.#version) } }
    return this.lease
  }

  #answer(act: () => Lease): Promise<Lease> {
    return Promise.resolve().then(() => (this.down ? this.#fail(0) : act()))
  }

  #fail(status: number): never {
    throw new ApiError({ status, reason: 'Fake', message: `status ${status}` })
  }
}

const candidate = (store: LeaseStore, clock: ManualClock, identity: string) => {
  const told: string[] = []
  const elector = new LeaderElector({
    client: store.client,
    clock,
    log: new KeptLog(),
    namespace: 'default',
    name: 'lease',
    identity,
    onElected: () => told.push('elected'),
    onLost: () => told.push('lost'),
  })
  return { elector, told }
}

describe('leader election', () => {
  it('elects one of two, and the other when the first stops, without waiting for the lease to run out', async () => {
    const clock = new ManualClock()
    const store = new LeaseStore()
    const a = candidate(store, clock, 'a')
    const b = candidate(store, clock, 'b')
    a.elector.start()
    b.elector.start()
    await clock.advance(60_000)
    assert.deepEqual([a.elector.isLeading, b.elector.isLeading], [true, false])
    await a.elector.stop()
    await clock.advance(4000)
    assert.equal(b.elector.isLeading, true)
    assert.deepEqual([a.told, b.told], [['elected'], ['elected']])
    await b.elector.stop()
    assert.equal(clock.sleeping, 0)
  })

  it('takes over from a leader that died only after the lease’s duration', async () => {
    const clock = new ManualClock()
    const store = new LeaseStore()
    store.lease = {
      metadata: { name: 'lease', resourceVersion: 'x' },
      spec: { holderIdentity: 'dead', leaseDurationSeconds: 15, renewTime: '2020-01-01T00:00:00.000000Z' },
    }
    const { elector } = candidate(store, clock, 'b')
    elector.start()
    await clock.advance(14_000)
    assert.equal(elector.isLeading, false)
    await clock.advance(3000)
    assert.equal(elector.isLeading, true)
    await elector.stop()
  })

  it('gives up leading before its lease runs out when it cannot renew', async () => {
    const clock = new ManualClock()
    const store = new LeaseStore()
    const { elector, told } = candidate(store, clock, 'a')
    elector.start()
    await clock.advance(10_000)
    store.down = true
    await clock.advance(8000)
    assert.deepEqual(told, ['elected'])
    await clock.advance(6000)
    assert.deepEqual(told, ['elected', 'lost'])
    assert.equal(elector.isLeading, false)
    await elector.stop()
  })

  it('loses at once to another who holds the lease, and does not write over it', async () => {
    const clock = new ManualClock()
    const store = new LeaseStore()
    const { elector, told } = candidate(store, clock, 'a')
    elector.start()
    await clock.advance(3000)
    store.lease = {
      metadata: { name: 'lease', resourceVersion: 'y' },
      spec: { holderIdentity: 'b', leaseDurationSeconds: 3600 },
    }
    await clock.advance(2000)
    assert.deepEqual(told, ['elected', 'lost'])
    await elector.stop()
    assert.equal(store.lease.spec?.holderIdentity, 'b')
  })
})
