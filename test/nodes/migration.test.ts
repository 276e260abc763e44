import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { migrateBetweenPods } from './migrate-between-pods.ts'
import { applyFleet, startTwoNodes, type TwoNodes } from './two-nodes.ts'

describe('two nodes of different CPUs and runtimes, with the product', () => {
  let cluster: TwoNodes

  before(async () => {
    cluster = await startTwoNodes()
  })
  after(async () => {
    await cluster.stop()
  })

  it('are both fit for a profile that takes its baseline from them', async () => {
    await applyFleet(cluster.plane)
  })

  for (const [from, to] of [
    ['v1', 'n2'],
    ['n2', 'v1'],
  ] as const)
    it(`carry a VM over from a pod of ${from} to a pod of ${to}: its guest goes on, also after a reset there`, async () => {
      const { before, after, applied } = await migrateBetweenPods(cluster, from, to)
      assert.deepEqual(after, before)
      assert.deepEqual(applied, ['True', 'True'])
    })
})
