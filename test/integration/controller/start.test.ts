import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { eventually } from '../../harness/eventually.ts'
import { installCrds } from '../../harness/install-crds.ts'
import { conditionOf, Fleet, has, profile, vmPod } from './fleet.ts'

describe('the controller at its start', () => {
  let fleet: Fleet

  before(async () => {
    fleet = await Fleet.startBare()
  })

  after(() => fleet.stop())

  it('is alive but not ready in a cluster without our CRDs, says what is missing, and goes on when it is there', async () => {
    const controller = await fleet.startController('controller-a', { ready: false })
    const says = (what: string): Promise<string> =>
      eventually(`it says what is missing: ${what}`, async () => {
        const { status, body } = await controller.ask('/readyz')
        return status === 503 && body.includes(what) ? body : undefined
      })
    assert.match(
      await says('does not serve'),
      /cpufeatureprofiles, .* of cpufeatures\.dev\/v1alpha1; apply crds\//,
    )
    assert.equal((await controller.ask('/healthz')).status, 200)
    await installCrds(fleet.controlPlane)
    assert.match(
      await says('ValidatingAdmissionPolicyBinding'),
      /ValidatingAdmissionPolicy pod-guard\.cpufeatures\.dev is missing; apply deploy\/ of version \d/,
    )
    await fleet.install()
    await eventually('it is ready', async () =>
      (await controller.ask('/readyz')).status === 200 ? true : undefined,
    )
  })

  it('ends with usage where an option is wrong', async () => {
    assert.equal(await fleet.runController(['--leader-elect', 'perhaps']), 2)
    assert.equal(await fleet.runController(['--kubeconfig', '/nowhere']), 2)
    assert.equal(await fleet.runController(['--help']), 0)
  })

  it('pins no pod while break-glass is on, says so to those that are gated, and pins them afterwards', async () => {
    await fleet.addNode('n0', 'neoverse-v1-6.18')
    await fleet.apply(profile('held', { base: { host: {} } }))
    await fleet.becomes(['cfp', 'held'], 'is schedulable', (one) => has(one, 'Schedulable', 'True'))
    // Gated, but not pinned yet: the gate of another party is there.
    const other = { name: 'example.org/other' }
    await fleet.apply(vmPod('vm-gated', 'held', { schedulingGates: [other] }))
    await fleet.breakGlass('the holder crashes')
    const told = await fleet.becomes(['pod', 'vm-gated'], 'is told', (one) =>
      has(one, 'cpufeatures.dev/Schedulable', 'False'),
    )
    assert.equal(conditionOf(told, 'cpufeatures.dev/Schedulable').reason, 'BreakGlass')
    const gates = (told.spec.schedulingGates ?? []) as { name: string }[]
    const open = {
      op: 'remove',
      path: `/spec/schedulingGates/${gates.findIndex(({ name }) => name === other.name)}`,
    }
    await fleet.controlPlane.kubectl([
      'patch',
      'pod',
      'vm-gated',
      '--type=json',
      '-p',
      JSON.stringify([open]),
    ])
    await fleet.settled()
    assert.equal((await fleet.get('pod', 'vm-gated')).spec.schedulingGates?.length, 1)
    await fleet.breakGlass(undefined)
    await fleet.becomes(['pod', 'vm-gated'], 'is bound', ({ spec }) => spec.nodeName !== undefined)
  })

  it('loses nothing when it is killed at any moment and started again', async () => {
    await fleet.addNode('n1', 'neoverse-v1-6.18')
    await fleet.addNode('n2', 'neoverse-n2-6.18')
    const names = Array.from({ length: 6 }, (_, index) => `vm-${index}`)
    for (const [index, name] of names.entries()) {
      const since = Date.now()
      // Without election: each process writes from its first moment, so that the kill hits it in the middle.
      const controller = await fleet.startController(`victim-${index}`, { args: ['--leader-elect', 'false'] })
      await fleet.apply(
        profile(`p-${index}`, { base: { nodes: { minNodes: 2 } }, implementation: { midr: 'FromBaseline' } }),
        vmPod(name, `p-${index}`),
      )
      await fleet.hasWritten(since, index)
      process.kill(controller.pid, 'SIGKILL')
      await controller.exited.catch(() => undefined)
    }
    // A controller that is killed between its status write and its clean-up leaves such an object.
    const left = await fleet.get('cfpr', (await fleet.get('cfp', 'p-0')).status?.currentRevision ?? '')
    const { apiVersion, kind, spec } = left
    await fleet.apply({ apiVersion, kind, metadata: { name: 'p-0-0000000000' }, spec })
    await fleet.startController('last', { args: ['--leader-elect', 'false'] })
    for (const name of names) {
      await fleet.becomes(['pod', name], 'says so', (one) => has(one, 'cpufeatures.dev/Schedulable', 'True'))
      const bound = await fleet.becomes(['pod', name], 'is bound', ({ spec }) => spec.nodeName !== undefined)
      const revision = bound.metadata.annotations?.['cpufeatures.dev/revision'] ?? ''
      const held = await fleet.get('cfpr', revision)
      assert.deepEqual(held.metadata.finalizers, ['cpufeatures.dev/revision-in-use'])
    }
    await eventually('what nobody needs is gone', async () =>
      (await fleet.revisions()).includes('p-0-0000000000') ? undefined : true,
    )
    await fleet.settled()
    assert.equal((await fleet.revisions()).length, names.length + 1)
  })
})
