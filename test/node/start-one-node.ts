import { startControlPlane, type ControlPlane } from '../harness/control-plane.ts'
import type { EmulatedNode, NodeRequest } from '../harness/emulated-node.ts'
import { bootProductNode, install, installed } from './installation.ts'

/** A cluster of one emulated node, with a Neoverse V1's CPU and runc. */
export type OneNode = {
  readonly plane: ControlPlane
  readonly node: EmulatedNode
  readonly stop: () => Promise<void>
}

const NAME = 'v1'

/** Resolves when the node is Ready. */
export const startOneNode = async (
  request: Pick<NodeRequest, 'memoryMiB' | 'suite'> = {},
): Promise<OneNode> => {
  const plane = await startControlPlane({ schedulerAndControllers: true, nodes: [NAME] })
  try {
    const node = await bootProductNode({
      ...{ ...request, name: NAME, cpuModel: 'neoverse-v1', controlPlane: plane },
    })
    const stop = async (): Promise<void> => {
      await node.stop()
      await plane.stop()
    }
    return { plane, node, stop }
  } catch (error) {
    await plane.stop()
    throw error
  }
}

/** Installs the product, and resolves when it serves. */
export const installOn = async ({ plane: { kubectl } }: OneNode): Promise<void> => {
  await install(kubectl)
  await installed(kubectl, [NAME])
}
