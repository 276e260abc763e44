import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ManualClock } from '../../test/doubles/manual-clock.ts'
import { ApiError } from './api-error.ts'
import { KeptLog } from '../../test/doubles/kept-log.ts'
import type { KubeClient } from './kube-client.ts'
import { LeaderElector } from './leader-elector.ts'
import type { Lease } from './lease.ts'

type Call = { readonly signal: AbortSignal }
type LeaseClient = Pick<KubeClient, 'get' | 'create' | 'update'>

/** One lease with optimistic concurrency, at the client's port. */
class LeaseStore {
  lease: Lease | undefined
  down = false
  /** What a request and its answer wait for on their way. */
  way: () => Promise<unknown> = () => Promise.resolve()
  /** The signals of the requests that came. */
  readonly signals: AbortSignal[] = []
  #version = 0

  readonly client = {
    get: (_resource: unknown, _ref: unknown, { signal }: Call) =>
      this.#answer(signal, () => this.lease ?? this.#fail(404)),
    create: (_resource: unknown, object: Lease, { signal }: Call) =>
      this.#answer(signal, () => (this.lease === undefined ? this.#store(object) : this.#fail(409))),
    update: (_resource: unknown, object: Lease, { signal }: Call) =>
      this.#answer(signal, () =>
        object.metadata.resourceVersion === this.lease?.metadata.resourceVersion
          ? this.#store(object)
          : this.#fail(409),
      ),
  } as unknown as LeaseClient

  #store(object: Lease): Lease {
    this.lease = { ...object, metadata: { ...object.metadata, resourceVersion: String(++this.#version) } }
    return this.lease
  }

  async #answer(signal: AbortSignal, act: () => Lease): Promise<Lease> {
    this.signals.push(signal)
    await this.way()
    const answer = this.down ? this.#fail(0) : act()
    await this.way()
    return answer
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

  it('gives up leading at the renew deadline though a request hangs, and cancels that', async () => {
    const clock = new ManualClock()
    const store = new LeaseStore()
    const { elector, told } = candidate(store, clock, 'a')
    elector.start()
    await clock.advance(10_000)
    store.way = () => new Promise(() => undefined)
    await clock.advance(9999)
    assert.deepEqual([told, elector.isLeading], [['elected'], true])
    assert.equal(store.signals.at(-1)?.aborted, false)
    await clock.advance(1)
    assert.deepEqual([told, elector.isLeading], [['elected', 'lost'], false])
    assert.equal(store.signals.at(-1)?.aborted, true)
    await elector.stop()
    assert.equal(clock.sleeping, 0)
  })

  it('does not lead again by an answer that comes after the deadline', async () => {
    const clock = new ManualClock()
    const store = new LeaseStore()
    const { elector, told } = candidate(store, clock, 'a')
    elector.start()
    await clock.advance(10_000)
    store.way = () => clock.sleep(6000)
    await clock.advance(60_000)
    assert.deepEqual([told, elector.isLeading], [['elected', 'lost'], false])
    await elector.stop()
  })

  it('never has two leaders, however late requests and answers are', async () => {
    for (const seed of [1, 2, 3]) {
      let state = seed
      const random = () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647
      const clock = new ManualClock()
      const store = new LeaseStore()
      store.way = () => clock.sleep(random() < 0.7 ? random() * 100 : random() * 15_000)
      const started: ReturnType<typeof candidate>[] = []
      let led = 0
      for (let second = 0; second < 900; second += 0.5) {
        // A leader that has lost ends, and is started again as another candidate.
        const running = started.filter(({ told }) => !told.includes('lost'))
        for (let i = running.length; i < 2; i++) {
          const one = candidate(store, clock, `${seed}-${started.length}`)
          started.push(one)
          one.elector.start()
        }
        await clock.advance(500)
        const leading = started.filter(({ elector }) => elector.isLeading)
        assert.ok(leading.length <= 1, `seed ${seed}: two leaders after ${second} s`)
        led += leading.length
      }
      assert.ok(led > 100 && started.length > 4, `seed ${seed}: it tries nothing`)
    }
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
