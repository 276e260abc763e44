import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { createKubeClient } from '../../../src/kube/create-kube-client.ts'
import { isApiError } from '../../../src/kube/api-error.ts'
import { systemClock } from '../../../src/runtime/clock.ts'
import { patchTested } from '../../../src/controller/patch-tested.ts'
import { pinPatch } from '../../../src/controller/reconcilers/pod/pin-patch.ts'
import { PODS } from '../../../src/controller/resources.ts'
import { eventually, HANG_GUARD_S } from '../../harness/eventually.ts'
import { Fleet, has, profile, vmPod, type RunningController } from './fleet.ts'

const SPEC = { base: { nodes: { minNodes: 2 } }, implementation: { midr: 'FromBaseline' } }

const PIN = { revision: 'any-1', outOfReach: [] }

describe('the controller when things break', () => {
  let fleet: Fleet
  let first: RunningController
  let second: RunningController

  const schedulable = (name: string) =>
    fleet.becomes(['cfp', name], 'is schedulable', (one) => has(one, 'Schedulable', 'True'))

  before(async () => {
    fleet = await Fleet.start()
    first = await fleet.startController('controller-a')
    await fleet.addNode('n1', 'neoverse-v1-6.18')
    await fleet.addNode('n2', 'neoverse-n2-6.18')
    await fleet.apply(
      profile('fleet', SPEC),
      profile('impossible', { base: { host: {} }, features: [{ name: 'FEAT_SME', state: 'Required' }] }),
      vmPod('vm', 'fleet'),
      vmPod('vm-impossible', 'impossible'),
    )
    await schedulable('fleet')
    await fleet.becomes(['pod', 'vm'], 'says so', (one) => has(one, 'cpufeatures.dev/Schedulable', 'True'))
    await fleet.becomes(['pod', 'vm-impossible'], 'is told', (one) =>
      has(one, 'cpufeatures.dev/Schedulable', 'False'),
    )
    await fleet.settled()
  })

  after(() => fleet.stop())

  it('writes nothing when nothing has changed, killed and started again', async () => {
    const since = Date.now()
    process.kill(first.pid, 'SIGKILL')
    await first.exited.catch(() => undefined)
    first = await fleet.startController('controller-a')
    await leads(first)
    await fleet.settled()
    assert.deepEqual(await fleet.controllerWrites(since), [])
  })

  it('loses nothing and writes nothing needless when the API server goes and comes again', async (test) => {
    const since = Date.now()
    // As a Deployment does: where the API server is away for longer than a lease lasts, the controller ends and is started again.
    let isKept = true
    test.after(() => {
      isKept = false
    })
    const keep = async (): Promise<void> => {
      await first.exited
      if (!isKept) return
      first = await fleet.startController('controller-a')
      await keep()
    }
    void keep()
    await fleet.controlPlane.restartApiServer()
    await fleet.apply(vmPod('vm-after', 'fleet'))
    await fleet.becomes(['pod', 'vm-after'], 'is bound', ({ spec }) => spec.nodeName !== undefined)
    await fleet.becomes(['pod', 'vm-after'], 'says so', (one) =>
      has(one, 'cpufeatures.dev/Schedulable', 'True'),
    )
    await fleet.settled()
    const writes = (await fleet.controllerWrites(since)).filter((write) => !write.includes(' events/'))
    assert.deepEqual(writes, ['patch pods/ vm-after', 'patch pods/status vm-after'])
  })

  it('serves what an operator asks for', async () => {
    assert.equal((await first.ask('/healthz')).status, 200)
    const { body } = await first.ask('/metrics')
    assert.match(body, /^cpufeatures_build_info\{.*component="controller".*\} 1$/m)
    assert.match(body, /^cpufeatures_fleet_profiles\{schedulable="True"\} 1$/m)
    assert.match(body, /^cpufeatures_fleet_host_classes 2$/m)
    assert.match(body, /^cpufeatures_reconcile_total\{controller="pod",result="success"\} \d+$/m)
  })

  it('takes a conflict for what it is when a pod changed since it was looked at', async () => {
    const client = await createKubeClient({
      kubeconfig: fleet.controlPlane.adminKubeconfig,
      clock: systemClock,
      fieldManager: 'test',
    })
    const stale = await client.get(PODS, { namespace: 'default', name: 'vm-impossible' })
    await fleet.controlPlane.kubectl(['annotate', 'pod', 'vm-impossible', 'touched=1'])
    const patching = patchTested(client, PODS, stale.metadata, { operations: pinPatch(stale, PIN) })
    await assert.rejects(patching, (error) => isApiError(error, 409))
    client.close()
  })

  it('pins every pod of a crowd that someone else keeps writing to', async () => {
    const names = Array.from({ length: 12 }, (_, index) => `crowd-${index}`)
    const { kubectl } = fleet.controlPlane
    await Promise.all([
      ...names.map((name) => fleet.apply(vmPod(name, 'fleet'))),
      ...[1, 2, 3, 4].map((round) =>
        kubectl(['annotate', 'pod', '--all', '--overwrite', `round=${round}`]).catch(() => undefined),
      ),
    ])
    for (const name of names)
      await fleet.becomes(['pod', name], 'is bound', ({ spec }) => spec.nodeName !== undefined)
  })

  it('has one leader of two, and the other takes over', async () => {
    second = await fleet.startController('controller-b')
    assert.match((await second.ask('/metrics')).body, /^cpufeatures_leader_is_leading 0$/m)
    await fleet.settled()
    await first.stop(HANG_GUARD_S * 1000)
    assert.equal(await first.exited, 0)
    // The leader gave the lease back, so nobody waits until it runs out.
    const lease = ['get', 'lease', 'cpufeatures-controller', '-n', 'cpufeatures-system']
    const holder = await fleet.controlPlane.kubectl([...lease, '-o', 'jsonpath={.spec.holderIdentity}'])
    assert.ok(holder === '' || holder.startsWith(`${second.identity}_`), holder)
    await leads(second)
    await fleet.apply(vmPod('vm-second', 'fleet'))
    await fleet.becomes(['pod', 'vm-second'], 'is bound', ({ spec }) => spec.nodeName !== undefined)
  })

  it('ends with a failure when it loses its lease', async () => {
    const patch = { spec: { holderIdentity: 'somebody-else', renewTime: '2099-01-01T00:00:00.000000Z' } }
    const keep = setInterval(() => {
      void fleet.controlPlane
        .kubectl([
          ...['patch', 'lease', 'cpufeatures-controller', '-n', 'cpufeatures-system'],
          ...[
            '--type=merge',
            '-p',
            JSON.stringify({ spec: { ...patch.spec, leaseTransitions: Date.now() % 1e6 } }),
          ],
        ])
        .catch(() => undefined)
    }, 1000)
    try {
      assert.equal(await second.exited, 1)
    } finally {
      clearInterval(keep)
    }
  })
})

const leads = (controller: RunningController) =>
  eventually(`${controller.identity} leads`, async () =>
    /^cpufeatures_leader_is_leading 1$/m.test((await controller.ask('/metrics')).body) ? true : undefined,
  )
