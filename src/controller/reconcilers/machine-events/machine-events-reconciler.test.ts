import assert from 'node:assert/strict'
import { beforeEach, describe, it } from 'node:test'
import { KeptLog } from '../../../../test/doubles/kept-log.ts'
import { ApiError } from '../../../kube/api-error.ts'
import type { Pod } from '../../pod.ts'
import type { ReconcilerContext } from '../../reconciler.ts'
import { MachineEventsReconciler } from './machine-events-reconciler.ts'

const NOW_MS = Date.parse('2026-01-01T12:00:00Z')
const INSTANCE = {
  ...{
    apiVersion: 'kubevirt.io/v1',
    kind: 'VirtualMachineInstance',
    name: 'web',
    uid: 'i1',
    controller: true,
  },
}
const MACHINE = { ...INSTANCE, kind: 'VirtualMachine', uid: 'm1' }

const pod = (since: string, owner: object = INSTANCE): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'launcher', namespace: 'team', uid: 'p1', ownerReferences: [owner as typeof INSTANCE] },
  spec: {},
  status: {
    conditions: [
      {
        ...{ type: 'cpufeatures.dev/Applied', status: 'False', reason: 'LaunchRefused', message: 'no' },
        lastTransitionTime: since,
      },
    ],
  },
})

const refused = (status: number): ApiError => new ApiError({ status, reason: 'x', message: 'x' })

describe('the events of a VM', () => {
  let told: string[] = []
  let log = new KeptLog()
  let there: Pod | undefined
  let answer: unknown
  let reconciler = new MachineEventsReconciler({} as ReconcilerContext)
  const reconcile = () => reconciler.reconcile('team/launcher')

  beforeEach(() => {
    told = []
    log = new KeptLog()
    there = pod('2026-01-01T11:59:00Z')
    answer = { metadata: { name: 'web', uid: 'i1', ownerReferences: [MACHINE] } }
    const record = (
      resource: { kind: string },
      object: Pod,
      { reason, id }: { reason: string; id: string },
    ) => told.push(`${resource.kind} ${object.metadata.uid ?? ''} ${reason} ${id.length}`)
    reconciler = new MachineEventsReconciler({
      ...{ log, clock: { now: () => NOW_MS }, events: { record } },
      state: { pods: { get: () => there } },
      client: {
        get: () => (answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer)),
      },
    } as unknown as ReconcilerContext)
  })

  it('are one of the instance and one of its machine for each fact', async () => {
    const both = ['VirtualMachineInstance i1 LaunchRefused 16', 'VirtualMachine m1 LaunchRefused 16']
    await reconcile()
    await reconcile()
    assert.deepEqual(told, both)
    there = pod('2026-01-01T11:59:30Z')
    await reconcile()
    assert.deepEqual(told, [...both, ...both])
  })

  it('are none of what was so long before this process saw it, and then those of what is new', async () => {
    there = pod('2026-01-01T11:00:00Z')
    await reconcile()
    assert.deepEqual(told, [])
    there = pod('2026-01-01T11:58:00Z')
    await reconcile()
    assert.equal(told.length, 2)
  })

  it('are only those of the instance without the right to read it, and the log says so once', async () => {
    answer = refused(403)
    await reconcile()
    there = pod('2026-01-01T11:59:30Z')
    await reconcile()
    assert.deepEqual(new Set(told), new Set(['VirtualMachineInstance i1 LaunchRefused 16']))
    assert.equal(log.lines.length, 1)
  })

  it('are only those of the instance if it is gone, is another of its name, or has no machine', async () => {
    const others = [
      refused(404),
      { metadata: { name: 'web', uid: 'i2', ownerReferences: [MACHINE] } },
      { metadata: { name: 'web', uid: 'i1' } },
    ]
    for (const [index, one] of others.entries()) {
      answer = one
      there = pod(`2026-01-01T11:59:0${index}Z`)
      await reconcile()
    }
    assert.equal(told.filter((one) => one.startsWith('VirtualMachine ')).length, 0)
    assert.deepEqual([told.length, log.lines], [3, []])
  })

  it('are tried again if the API server does not answer', async () => {
    answer = refused(0)
    await assert.rejects(reconcile())
    answer = { metadata: { name: 'web', uid: 'i1', ownerReferences: [MACHINE] } }
    await reconcile()
    assert.ok(told.includes('VirtualMachine m1 LaunchRefused 16'))
  })

  it('are none for a pod that no instance of KubeVirt owns', async () => {
    there = pod('2026-01-01T11:59:00Z', { ...INSTANCE, apiVersion: 'apps/v1', kind: 'ReplicaSet' })
    await reconcile()
    there = undefined
    await reconcile()
    assert.deepEqual(told, [])
  })
})
