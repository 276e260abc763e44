import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { eventually } from '../../harness/eventually.ts'
import {
  conditionOf,
  Fleet,
  has,
  POOL,
  POOL_PROFILE,
  profile,
  vmPod,
  type KubernetesObject,
  type RunningController,
} from './fleet.ts'

/** How many VMs can go nowhere, and the pods that are named. */
const strandedIn = ({ status }: KubernetesObject) =>
  status?.['strandedVms'] as { count: number; sample: { name: string; node: string }[] } | undefined

describe('nodes that come, keep silent or change', () => {
  let fleet: Fleet
  let controller: RunningController

  before(async () => {
    fleet = await Fleet.start()
    controller = await fleet.startController('controller-a', { args: ['--leader-elect=false'] })
  })

  after(() => fleet.stop())

  it('do not keep a first baseline waiting if they are of another architecture, and are named', async () => {
    await fleet.controlPlane.makeReadyNode('x86', { ...POOL, 'kubernetes.io/arch': 'amd64' })
    await fleet.addNode('n1', 'neoverse-v1-6.18', POOL)
    await fleet.addNode('n2', 'neoverse-n2-6.18', POOL)
    await fleet.apply(profile('fleet', POOL_PROFILE))
    const ready = await fleet.becomes(['cfp', 'fleet'], 'is schedulable', (one) =>
      has(one, 'Schedulable', 'True'),
    )
    assert.equal(ready.status?.nodes?.summary, '2/2')
    assert.match(ready.status.notes?.join('\n') ?? '', /node x86 is selected and left out .*amd64/)
  })

  it('are named while a first baseline waits for them', async () => {
    await fleet.controlPlane.makeReadyNode('n3', POOL)
    await fleet.apply(profile('second', POOL_PROFILE))
    const waiting = await fleet.becomes(['cfp', 'second'], 'waits', (one) => has(one, 'Compiled', 'False'))
    assert.match(conditionOf(waiting, 'Compiled').message ?? '', /1 of 3 selected nodes .*: n3\. Look at/)
    assert.match(String(waiting.status?.['waitingSince']), /^20\d\d-.*Z$/)
    await fleet.report('n3', 'neoverse-n2-6.18')
    const ready = await fleet.becomes(['cfp', 'second'], 'is schedulable', (one) =>
      has(one, 'Schedulable', 'True'),
    )
    assert.equal(ready.status?.['waitingSince'], undefined)
    await fleet.controlPlane.kubectl(['delete', 'cfp', 'second'])
  })

  it('leave VMs without another node to go to: the profile counts and names them, and an event does', async () => {
    const at = { nodeSelector: { 'kubernetes.io/hostname': 'n1' } }
    await fleet.apply(vmPod('vm', 'fleet', at))
    await fleet.becomes(['pod', 'vm'], 'is bound', ({ spec }) => spec.nodeName === 'n1')
    // Firmware or kernel of both other nodes changes: they show less than the baseline.
    for (const node of ['n2', 'n3']) await fleet.report(node, 'cortex-a72-6.18')
    const stranded = await fleet.becomes(
      ['cfp', 'fleet'],
      'has a stranded VM',
      (one) => strandedIn(one)?.count === 1 && one.status?.nodes?.summary === '1/3',
    )
    assert.deepEqual(strandedIn(stranded)?.sample, [{ namespace: 'default', name: 'vm', node: 'n1' }])
    await eventually('an event names it', async () => {
      const events = await fleet.eventsOf('fleet')
      if (events.some((one) => /^VmsStranded: .*default\/vm on n1/.test(one))) return true
      throw new Error(events.join('\n'))
    })
    const { body } = await controller.ask('/metrics')
    assert.match(body, /^cpufeatures_fleet_stranded_vms 1$/m)
    const columns = await fleet.controlPlane.kubectl(['get', 'cfp', 'fleet'])
    assert.match(columns, /STRANDED/)

    await fleet.report('n2', 'neoverse-n2-6.18')
    await fleet.becomes(['cfp', 'fleet'], 'has none any more', (one) => strandedIn(one)?.count === 0)
  })

  it('no longer have a stranded VM on them when it ends', async () => {
    await fleet.report('n2', 'cortex-a72-6.18')
    await fleet.becomes(['cfp', 'fleet'], 'has a stranded VM', (one) => strandedIn(one)?.count === 1)
    await fleet.controlPlane.kubectl(['delete', 'pod', 'vm', '--grace-period=0', '--force'])
    await fleet.becomes(['cfp', 'fleet'], 'has none any more', (one) => strandedIn(one)?.count === 0)
  })
})
