import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startControlPlane, type ControlPlane } from '../harness/control-plane.ts'
import { nodeLink, type EmulatedNode } from '../harness/emulated-node.ts'
import { eventually } from '../harness/eventually.ts'
import { LAB_PATHS } from '../harness/lab-paths.ts'
import { bootProductNode, install, installed } from '../node/installation.ts'

export const NODE_NAMES = ['v1', 'n2'] as const
export type NodeName = (typeof NODE_NAMES)[number]

/** A cluster of two emulated nodes of different CPUs and runtimes, which reach each other's pods. */
export type TwoNodes = {
  readonly plane: ControlPlane
  readonly nodes: Readonly<Record<NodeName, EmulatedNode>>
  readonly stop: () => Promise<void>
}

/** Resolves when the product is installed and serves on both. */
export const startTwoNodes = async (): Promise<TwoNodes> => {
  const plane = await startControlPlane({ schedulerAndControllers: true, nodes: NODE_NAMES })
  const booted: EmulatedNode[] = []
  const stop = async (): Promise<void> => {
    await Promise.all(booted.map((node) => node.stop()))
    await plane.stop()
  }
  try {
    const both = { controlPlane: plane, link: await nodeLink() }
    const v1 = await bootProductNode({
      ...{ ...both, name: 'v1', cpuModel: 'neoverse-v1', place: 1, runtime: 'runc' },
    })
    booted.push(v1)
    const n2 = await bootProductNode({
      ...{ ...both, name: 'n2', cpuModel: 'neoverse-n2', place: 2, runtime: 'crun' },
    })
    booted.push(n2)
    await install(plane.kubectl)
    await installed(plane.kubectl, NODE_NAMES)
    return { plane, nodes: { v1, n2 }, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** The path of one of the examples that users apply. */
export const example = (name: string): string => join(LAB_PATHS.root, 'deploy/examples', name)

/** Applies the example profile that takes its baseline from the nodes, and waits until both fit. */
export const applyFleet = async ({ kubectl }: ControlPlane): Promise<void> => {
  await kubectl(['apply', '-f', '-'], await readFile(example('profile-nodes.yaml'), 'utf8'))
  const schedulable = '{.status.conditions[?(@.type=="Schedulable")].message}'
  await eventually('both nodes fit', async () => {
    const fit = await kubectl(['get', 'cfp', 'fleet', '-o', 'jsonpath={.status.nodes.summary}'])
    if (fit === '2/2') return true
    throw new Error(`${fit}: ${await kubectl(['get', 'cfp', 'fleet', '-o', `jsonpath=${schedulable}`])}`)
  })
}
