import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { conditionOf, Fleet, has, POOL, POOL_PROFILE, profile } from './fleet.ts'

describe('nodes that come, or keep silent', () => {
  let fleet: Fleet

  before(async () => {
    fleet = await Fleet.start()
    await fleet.startController('controller-a', { args: ['--leader-elect=false'] })
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
})
