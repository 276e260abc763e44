import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { parseGuestReport } from '../e2e/guest-report.ts'
import { startControlPlane, type ControlPlane } from '../harness/control-plane.ts'
import { nodeLink, type EmulatedNode } from '../harness/emulated-node.ts'
import { eventually } from '../harness/eventually.ts'
import { LAB_PATHS } from '../harness/lab-paths.ts'
import { bootProductNode, install, installed } from '../node/installation.ts'
import { ToldPod, toldQemu } from '../node/told-pod.ts'

const PORT = 4444

/** What a guest printed of its CPU, but for what it reads untrapped from the CPU it is on (CTR_EL0 and its kin). */
const seenIn = (printed: string): object => {
  const { features, registers } = parseGuestReport(printed)
  return { features, registers: [...registers].filter(([name]) => name.endsWith('_EL1')) }
}

describe('two nodes of different CPUs and runtimes, with the product', () => {
  let plane: ControlPlane
  let kubectl: ControlPlane['kubectl']
  const nodes: Record<'v1' | 'n2', EmulatedNode | undefined> = { v1: undefined, n2: undefined }

  before(async () => {
    plane = await startControlPlane({ schedulerAndControllers: true, nodes: ['v1', 'n2'] })
    kubectl = plane.kubectl
    const link = await nodeLink()
    const both = { controlPlane: plane, link }
    nodes.v1 = await bootProductNode({
      ...both,
      name: 'v1',
      cpuModel: 'neoverse-v1',
      place: 1,
      runtime: 'runc',
    })
    nodes.n2 = await bootProductNode({
      ...both,
      name: 'n2',
      cpuModel: 'neoverse-n2',
      place: 2,
      runtime: 'crun',
    })
    await install(kubectl)
    await installed(kubectl, ['v1', 'n2'])
    const profile = await readFile(join(LAB_PATHS.root, 'deploy/examples/profile-nodes.yaml'), 'utf8')
    await kubectl(['apply', '-f', '-'], profile)
  })
  after(async () => {
    await nodes.v1?.stop()
    await nodes.n2?.stop()
    await plane.stop()
  })

  const podOn = (nodeName: 'v1' | 'n2', name: string, more: readonly string[] = []): ToldPod => {
    const node = nodes[nodeName] ?? assert.fail(`${nodeName} was not booted`)
    return new ToldPod({ kubectl, node, name, script: toldQemu(more) })
  }

  const applied = async (name: string): Promise<void> => {
    const path = '{.status.conditions[?(@.type=="cpufeatures.dev/Applied")].status}'
    await eventually(`${name} says that its profile was applied`, async () => {
      const status = await kubectl(['get', 'pod', name, '-o', `jsonpath=${path}`])
      return status === 'True' ? true : undefined
    })
  }

  it('are both fit for a profile that takes its baseline from them', async () => {
    const path = '{.status.conditions[?(@.type=="Schedulable")].message}'
    await eventually('both nodes fit', async () => {
      const nodesFit = await kubectl(['get', 'cfp', 'fleet', '-o', 'jsonpath={.status.nodes.summary}'])
      if (nodesFit === '2/2') return true
      throw new Error(`${nodesFit}: ${await kubectl(['get', 'cfp', 'fleet', '-o', `jsonpath=${path}`])}`)
    })
  })

  for (const [from, to] of [
    ['v1', 'n2'],
    ['n2', 'v1'],
  ] as const)
    it(`carry a VM over from a pod of ${from} to a pod of ${to}: its guest goes on, also after a reset there`, async () => {
      const source = podOn(from, `from-${from}`)
      const target = podOn(to, `to-${to}`, ['-incoming', `tcp:0:${PORT}`])
      await Promise.all([source.start(), target.start()])
      await Promise.all([source.go(), target.go()])
      assert.ok(await source.prints('GUEST-END', 1), await source.printed())
      const before = seenIn(await source.printed())
      const ip = await kubectl(['get', 'pod', target.name, '-o', 'jsonpath={.status.podIP}'])
      await source.monitor(`migrate tcp:${ip}:${PORT}`)
      // The guest counts on where it is now.
      assert.ok(await target.prints('^tick', 3), await target.printed())
      await target.monitor('system_reset')
      assert.ok(await target.prints('GUEST-END', 1), await target.printed())
      assert.deepEqual(seenIn(await target.printed()), before)
      await applied(source.name)
      await applied(target.name)
      for (const pod of [source, target]) {
        await pod.monitor('quit')
        await pod.ends()
        await pod.delete()
      }
    })
})
