import { after } from 'node:test'
import { startControlPlane, type ControlPlane } from '../harness/control-plane.ts'
import type { EmulatedNode } from '../harness/emulated-node.ts'
import { bootProductNode, install, installed } from './installation.ts'

/** A cluster of one emulated node, with a Neoverse V1's CPU and runc. */
export type OneNode = {
  readonly plane: ControlPlane
  readonly node: EmulatedNode
}

const NAME = 'v1'

const startOneNode = async (): Promise<OneNode> => {
  const plane = await startControlPlane({ schedulerAndControllers: true, nodes: [NAME] })
  try {
    const node = await bootProductNode({ name: NAME, cpuModel: 'neoverse-v1', controlPlane: plane })
    return { plane, node }
  } catch (error) {
    await plane.stop()
    throw error
  }
}

let started: Promise<OneNode> | undefined
let installing: Promise<void> | undefined

after(async () => {
  const cluster = await started
  await cluster?.node.stop()
  await cluster?.plane.stop()
})

/** The one node of this process; resolves when it is Ready. It ends with the tests. */
export const oneNode = (): Promise<OneNode> => (started ??= startOneNode())

/** The same, with the product installed and serving. */
export const oneNodeWithProduct = async (): Promise<OneNode> => {
  const cluster = await oneNode()
  const { kubectl } = cluster.plane
  installing ??= install(kubectl).then(() => installed(kubectl, [NAME]))
  await installing
  return cluster
}
