import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { levelsPods } from '../node/levels-pods.ts'
import { installOn, startOneNode, type OneNode } from '../node/start-one-node.ts'

describe('the product on a node with the runtimes of Debian trixie', () => {
  let cluster: OneNode | undefined

  levelsPods(async () => {
    cluster = await startOneNode({ suite: 'trixie' })
    await installOn(cluster)
    return cluster.plane
  })
  after(async () => {
    await cluster?.stop()
  })

  it('did so with containerd 1.7 and runc 1.1', async () => {
    const versions = await cluster?.node.run(['sh', '-c', 'containerd --version; runc --version'])
    assert.match(versions?.stdout ?? '', /containerd \S+ 1\.7\.[^]*runc version 1\.1\./)
  })
})
