import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { startControlPlane, type ControlPlane } from '../harness/control-plane.ts'
import type { EmulatedNode } from '../harness/emulated-node.ts'
import { bootProductNode, install, installed } from '../node/installation.ts'
import { levelsPods } from '../node/levels-pods.ts'

describe('the product on a node with the runtimes of Debian trixie', () => {
  let plane: ControlPlane | undefined
  let node: EmulatedNode | undefined

  levelsPods(async () => {
    plane = await startControlPlane({ schedulerAndControllers: true, nodes: ['v1'] })
    node = await bootProductNode({
      ...{ name: 'v1', cpuModel: 'neoverse-v1', suite: 'trixie' },
      controlPlane: plane,
    })
    await install(plane.kubectl)
    await installed(plane.kubectl, ['v1'])
    return plane.kubectl
  })
  after(async () => {
    await node?.stop()
    await plane?.stop()
  })

  it('did so with containerd 1.7 and runc 1.1', async () => {
    const versions = await node?.run(['sh', '-c', 'containerd --version; runc --version'])
    assert.match(versions?.stdout ?? '', /containerd \S+ 1\.7\.[^]*runc version 1\.1\./)
  })
})
