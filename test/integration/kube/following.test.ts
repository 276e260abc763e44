import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { createKubeClient } from '../../../src/kube/create-kube-client.ts'
import { EventRecorder, events } from '../../../src/kube/event-recorder.ts'
import { Informer } from '../../../src/kube/informer.ts'
import { KeptLog } from '../../doubles/kept-log.ts'
import type { KubeClient } from '../../../src/kube/kube-client.ts'
import type { KubeObject } from '../../../src/kube/kube-object.ts'
import { LeaderElector } from '../../../src/kube/leader-elector.ts'
import { leases } from '../../../src/kube/lease.ts'
import { defineResource } from '../../../src/kube/resource.ts'
import { systemClock } from '../../../src/runtime/clock.ts'
import { eventually } from '../../harness/eventually.ts'
import { startControlPlane, type ControlPlane } from '../../harness/control-plane.ts'
import { crdsServed } from '../../harness/install-crds.ts'

type ConfigMap = {
  data?: Record<string, string>
} & KubeObject
const configMaps = defineResource<ConfigMap>({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  plural: 'configmaps',
  namespaced: true,
})
const NAMESPACE = 'default'
const named = (name: string, data: Record<string, string> = {}): ConfigMap => ({
  metadata: { name, namespace: NAMESPACE, labels: { test: 'kube' } },
  data,
})

type Widget = {
  spec?: Record<string, string>
  status?: Record<string, string>
} & KubeObject
const widgets = defineResource<Widget>({
  apiVersion: 'example.org/v1',
  kind: 'Widget',
  plural: 'widgets',
  namespaced: false,
})
const KNOWN = { type: 'object', properties: { known: { type: 'string' } } }
const WIDGET_CRD = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'widgets.example.org' },
  spec: {
    group: 'example.org',
    scope: 'Cluster',
    names: { plural: 'widgets', singular: 'widget', kind: 'Widget' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        subresources: { status: {} },
        schema: { openAPIV3Schema: { type: 'object', properties: { spec: KNOWN, status: KNOWN } } },
      },
    ],
  },
}

const eventuallyHolds = (what: string, holds: () => boolean): Promise<true> =>
  eventually(what, () => Promise.resolve(holds() ? true : undefined))

describe('against a real API server', () => {
  let plane: ControlPlane
  let client: KubeClient

  before(async () => {
    plane = await startControlPlane()
    client = await createKubeClient({
      kubeconfig: plane.adminKubeconfig,
      clock: systemClock,
      fieldManager: 'test',
    })
  })
  after(async () => {
    client.close()
    await plane.stop()
  })

  const informerOf = (over: Pick<KubeClient, 'list' | 'watch'> = client, pageSize = 500) => {
    const told: string[] = []
    const log = new KeptLog()
    const informer = new Informer<ConfigMap>({
      client: over,
      resource: configMaps,
      clock: systemClock,
      log,
      namespace: NAMESPACE,
      labelSelector: 'test=kube',
      pageSize,
    })
    informer.subscribe(({ kind, object }) =>
      told.push(`${kind} ${object.metadata.name} ${object.data?.['n'] ?? ''}`),
    )
    informer.start()
    return { informer, told, log }
  }

  it('writes in every way, and refuses a stale write and a foreign field', async () => {
    const created = await client.create(configMaps, named('verbs', { n: '1' }))
    const updated = await client.update(configMaps, { ...created, data: { n: '2' } })
    await assert.rejects(client.update(configMaps, { ...created, data: { n: '3' } }), {
      status: 409,
      reason: 'Conflict',
    })
    const stale = {
      op: 'test',
      path: '/metadata/resourceVersion',
      value: created.metadata.resourceVersion,
    } as const
    const replace = { op: 'replace', path: '/data/n', value: '4' } as const
    await assert.rejects(client.patchJson(configMaps, updated.metadata, [stale, replace]), { status: 422 })
    const current = { ...stale, value: updated.metadata.resourceVersion }
    assert.equal((await client.patchJson(configMaps, updated.metadata, [current, replace])).data?.['n'], '4')
    assert.equal(
      (await client.patchMerge(configMaps, updated.metadata, { data: { n: '5' } })).data?.['n'],
      '5',
    )
    const old = { metadata: { resourceVersion: created.metadata.resourceVersion }, data: { n: '9' } }
    await assert.rejects(client.patchMerge(configMaps, updated.metadata, old), {
      status: 409,
      reason: 'Conflict',
    })
    const mine = { metadata: { name: 'verbs', namespace: NAMESPACE }, data: { n: '6' } }
    await assert.rejects(client.applyServerSide(configMaps, mine, { fieldManager: 'other', force: false }), {
      status: 409,
    })
    const applied = await client.applyServerSide(configMaps, mine, { fieldManager: 'other', force: true })
    assert.equal(applied.data?.['n'], '6')
    await client.delete(configMaps, applied.metadata)
    await assert.rejects(client.get(configMaps, applied.metadata), { status: 404, reason: 'NotFound' })
  })

  it('has a write refused that names a field which the CRD lacks, and says which, however it writes', async () => {
    await plane.kubectl(['apply', '-f', '-'], JSON.stringify(WIDGET_CRD))
    await crdsServed(plane)
    const metadata = { name: 'w' }
    await client.create(widgets, { metadata, spec: { known: 'a' } })
    const lacking = (field: string) => ({
      reason: 'UnknownField',
      message: new RegExp(
        `widgets of example.org/v1 as installed in the cluster lack ${field}; install the CRDs`,
      ),
    })
    const spec = { known: 'a', newer: 'b' }
    const status = { newer: 'b' }
    const { metadata: current } = await client.get(widgets, metadata)
    const inStatus = { subresource: 'status' }
    const writes: readonly [() => Promise<unknown>, string][] = [
      [() => client.create(widgets, { metadata: { name: 'x' }, spec }), 'spec.newer'],
      [() => client.update(widgets, { metadata: current, spec }), 'spec.newer'],
      [
        () => client.update(widgets, { metadata: current, spec, status }, inStatus),
        'spec.newer, status.newer',
      ],
      [() => client.patchMerge(widgets, metadata, { spec }), 'spec.newer'],
      [
        () => client.patchJson(widgets, metadata, [{ op: 'add', path: '/spec/newer', value: 'b' }]),
        'spec.newer',
      ],
      [
        () =>
          client.applyServerSide(
            widgets,
            { metadata, status },
            { ...inStatus, fieldManager: 'test', force: true },
          ),
        'status.newer',
      ],
    ]
    for (const [write, field] of writes) await assert.rejects(write(), lacking(field))
  })

  it('tells each of many objects once, read in pages', async () => {
    const names = Array.from({ length: 12 }, (_, i) => `page-${i}`)
    await Promise.all(names.map((name) => client.create(configMaps, named(name))))
    const { informer, told } = informerOf(client, 5)
    assert.equal(await informer.synced, true)
    assert.equal(informer.list().length, 12)
    await Promise.all(names.map((name) => client.delete(configMaps, { name, namespace: NAMESPACE })))
    await eventuallyHolds('all are gone', () => informer.list().length === 0)
    assert.deepEqual(told.length, 24)
    await informer.stop()
  })

  it('loses nothing and tells nothing twice when the API server is killed in a watch and comes back', async () => {
    await client.create(configMaps, named('stays', { n: '1' }))
    await client.create(configMaps, named('changes', { n: '1' }))
    const { informer, told, log } = informerOf()
    await informer.synced
    await plane.stopApiServer()
    const isTrying = (): boolean => log.lines.includes('warn cannot follow the API server, trying again')
    await eventuallyHolds('the informer has noticed', isTrying)
    assert.equal(informer.list().length, 2)
    await plane.startApiServer()
    await client.patchMerge(configMaps, { name: 'changes', namespace: NAMESPACE }, { data: { n: '2' } })
    await client.create(configMaps, named('new', { n: '1' }))
    await eventuallyHolds('the changes are seen', () => told.length >= 4)
    await client.delete(configMaps, { name: 'new', namespace: NAMESPACE })
    await eventuallyHolds('the deletion is seen', () => told.length >= 5)
    assert.deepEqual(told.slice(0, 2).sort(), ['add changes 1', 'add stays 1'])
    assert.deepEqual(told.slice(2), ['update changes 2', 'add new 1', 'delete new 1'])
    await informer.stop()
  })

  it('lists again where the server says that its resourceVersion is too old', async () => {
    await client.create(configMaps, named('old'))
    let stale = true
    const asked: string[] = []
    const { informer, told, log } = informerOf({
      list: (resource, options) => {
        asked.push('list')
        return client.list(resource, options)
      },
      watch: (resource, options) => {
        asked.push('watch')
        const resourceVersion = stale ? '1' : options.resourceVersion
        stale = false
        return client.watch(resource, { ...options, resourceVersion })
      },
    })
    await eventuallyHolds('it has listed and watched again', () => asked.length >= 4)
    assert.deepEqual(asked, ['list', 'watch', 'list', 'watch'])
    assert.ok(log.lines.includes('info watch expired, listing again'), log.lines.join('\n'))
    await client.create(configMaps, named('later'))
    await eventuallyHolds('it follows', () => told.includes('add later '))
    assert.equal(told.filter((line) => line === 'add old ').length, 1)
    await informer.stop()
  })

  it('lets one of two lead, and the other when the first gives the lease back', async () => {
    const told: string[] = []
    const logs = { a: new KeptLog(), b: new KeptLog() }
    const elector = (identity: 'a' | 'b') =>
      new LeaderElector({
        client,
        clock: systemClock,
        log: logs[identity],
        namespace: NAMESPACE,
        name: 'election',
        identity,
        retrySeconds: 0.2,
        onElected: () => told.push(`${identity} elected`),
        onLost: () => told.push(`${identity} lost`),
      })
    const [a, b] = [elector('a'), elector('b')]
    a.start()
    b.start()
    await eventuallyHolds('one leads', () => a.isLeading || b.isLeading)
    const [leader, other] = a.isLeading ? [a, b] : [b, a]
    const ofOther = other === a ? logs.a : logs.b
    await eventuallyHolds('the other knows that', () => ofOther.lines.includes('info the leader is known'))
    assert.equal(other.isLeading, false)
    assert.equal(leader.isLeading, true)
    await leader.stop()
    // It was given back: nobody has to wait until it runs out.
    const left = await client.get(leases, { name: 'election', namespace: NAMESPACE })
    assert.ok(['', other === a ? 'a' : 'b'].includes(left.spec?.holderIdentity ?? 'nobody'))
    await eventuallyHolds('the other leads', () => other.isLeading)
    const lease = await client.get(leases, { name: 'election', namespace: NAMESPACE })
    assert.equal(lease.spec?.leaseTransitions, 1)
    assert.equal(told.length, 2)
    await other.stop()
    assert.equal(
      (await client.get(leases, { name: 'election', namespace: NAMESPACE })).spec?.holderIdentity,
      '',
    )
  })

  it('writes an Event once for the same words, for objects with and without a namespace', async () => {
    const log = new KeptLog()
    const recorder = new EventRecorder({
      client,
      clock: systemClock,
      log,
      controller: 'cpufeatures.dev/test',
      instance: 'x',
    })
    const object = await client.create(configMaps, named('regarded'))
    const spaces = defineResource({
      apiVersion: 'v1',
      kind: 'Namespace',
      plural: 'namespaces',
      namespaced: false,
    })
    const space = await client.get(spaces, { name: 'kube-system' })
    const happening = {
      type: 'Warning',
      reason: 'Tested',
      action: 'Testing',
      note: 'ü'.repeat(2000),
    } as const
    for (let i = 0; i < 3; i++) {
      recorder.record(configMaps, object, happening)
      recorder.record(spaces, space, happening)
    }
    await recorder.flush()
    assert.deepEqual(log.lines, [])
    const written = await client.list(events, { namespace: NAMESPACE, fieldSelector: 'reason=Tested' })
    assert.deepEqual(written.items.map((event) => event.regarding.kind).sort(), ['ConfigMap', 'Namespace'])
  })
})
