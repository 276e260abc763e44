import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Pod } from './pod.ts'
import { RevisionUsers } from './revision-users.ts'

const pod = (name: string, revision?: string, nodeName?: string, phase = 'Running'): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name,
    namespace: 'default',
    ...(revision === undefined ? {} : { annotations: { 'cpufeatures.dev/revision': revision } }),
  },
  spec: nodeName === undefined ? {} : { nodeName },
  status: { phase },
})

describe('the users of revisions', () => {
  it('pin a revision until the last one is gone', () => {
    const users = new RevisionUsers()
    assert.deepEqual(users.set(pod('a', 'r1')), { revisions: ['r1'], nodes: [] })
    users.set(pod('b', 'r1'))
    users.remove(pod('a', 'r1'))
    assert.ok(users.isPinned('r1'))
    assert.deepEqual(users.remove(pod('b', 'r1')), { revisions: ['r1'], nodes: [] })
    assert.ok(!users.isPinned('r1'))
  })

  it('require their revisions on the node they are bound to', () => {
    const users = new RevisionUsers()
    users.set(pod('a', 'r1'))
    assert.deepEqual(users.set(pod('a', 'r1', 'n1')), { revisions: ['r1'], nodes: ['n1'] })
    users.set(pod('b', 'r2', 'n1'))
    users.set(pod('c', 'r3', 'n2'))
    assert.deepEqual([...users.requiredOn('n1')].sort(), ['r1', 'r2'])
    assert.deepEqual([...users.requiredOn('n3')], [])
  })

  it('need nothing once they have finished', () => {
    const users = new RevisionUsers()
    users.set(pod('a', 'r1', 'n1'))
    assert.deepEqual(users.set(pod('a', 'r1', 'n1', 'Succeeded')), { revisions: ['r1'], nodes: ['n1'] })
    assert.ok(!users.isPinned('r1'))
    assert.deepEqual([...users.requiredOn('n1')], [])
  })

  it('touch nothing when what they use stays', () => {
    const users = new RevisionUsers()
    users.set(pod('a', 'r1', 'n1'))
    assert.deepEqual(users.set(pod('a', 'r1', 'n1')), { revisions: [], nodes: [] })
    assert.deepEqual(users.remove(pod('unknown')), { revisions: [], nodes: [] })
  })

  it('count a pod as pinned while the pin is being written, whatever comes of it', async () => {
    const users = new RevisionUsers()
    await users.whilePinning('r1', async () => {
      await assert.rejects(users.whilePinning('r1', () => Promise.reject(new Error('conflict'))))
      assert.ok(users.isPinned('r1'))
    })
    assert.ok(!users.isPinned('r1'))
  })
})
