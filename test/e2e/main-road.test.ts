import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'
import { eventually } from '../harness/eventually.ts'
import type { AuditedWrite } from '../harness/control-plane-access.ts'
import { waitForField, type Cluster } from './cluster.ts'
import { agentLooksAgain, controllerLooksAgain, whatIsSaid } from './looks-again.ts'
import { walkMainRoad, type MainRoad } from './main-road.ts'

/** Leases are renewed forever, and events may repeat; any other write is needless when nothing changed. */
const needless = (writes: readonly AuditedWrite[]): string[] =>
  writes
    .filter(
      (write) =>
        write.resource !== 'leases' && write.user.startsWith('system:serviceaccount:cpufeatures-system:'),
    )
    .map(
      (write) =>
        `${write.user} ${write.verb} ${write.resource}/${write.name ?? ''} ${write.subresource ?? ''}`,
    )

const writesDuring = async (cluster: Cluster, work: () => Promise<void>): Promise<string[]> => {
  const since = Date.now()
  await work()
  return needless(await cluster.controlPlane.auditedWrites(since))
}

const openFds = (): number => readdirSync('/proc/self/fd').length

describe('the main road, from kubectl apply to a masked VM', () => {
  let road: MainRoad
  const fdsBefore = openFds()

  before(async () => {
    road = await walkMainRoad((text) => process.stdout.write(`${text}\n`))
  })

  after(async () => {
    await road.cluster.stop()
    // Sockets of ended connections take a moment to go.
    await eventually('the file descriptors are closed', () => {
      const fds = openFds()
      if (fds > fdsBefore + 2) throw new Error(`${fdsBefore} were open before, now ${fds}`)
      return Promise.resolve(true)
    })
  })

  it('every claim of the road holds', () => {
    const broken = road.claims.filter((one) => !one.holds)
    assert.deepEqual(broken, [])
  })

  it('nothing is written while nothing changes', async () => {
    const writes = await writesDuring(road.cluster, async () => {
      for (const node of road.cluster.nodes) await agentLooksAgain(road.cluster, node)
      await controllerLooksAgain(road.cluster)
    })
    assert.deepEqual(writes, [])
  })

  it('a controller that is killed and started again loses nothing and writes nothing needless', async () => {
    const said = await whatIsSaid(road.cluster)
    const writes = await writesDuring(road.cluster, async () => {
      const killed = road.cluster.controller()
      process.kill(killed.pid, 'SIGKILL')
      await killed.exited
      await controllerLooksAgain(road.cluster)
    })
    assert.deepEqual(writes, [])
    assert.deepEqual(await whatIsSaid(road.cluster), said)
  })

  it('an agent that ends and starts again writes nothing needless', async () => {
    const [node] = road.cluster.nodes
    assert.ok(node !== undefined)
    const writes = await writesDuring(road.cluster, async () => {
      await node.stopAgent()
      node.startAgent()
      await agentLooksAgain(road.cluster, node)
      await controllerLooksAgain(road.cluster)
    })
    assert.deepEqual(writes, [])
  })

  it('an API server that goes and comes back changes nothing', async () => {
    const said = await whatIsSaid(road.cluster)
    const since = Date.now()
    await road.cluster.controlPlane.restartApiServer()
    for (const node of road.cluster.nodes) await agentLooksAgain(road.cluster, node)
    await controllerLooksAgain(road.cluster)
    assert.deepEqual(needless(await road.cluster.controlPlane.auditedWrites(since)), [])
    assert.deepEqual(await whatIsSaid(road.cluster), said)
  })

  it('a host with another counter frequency is another class, out of reach, and the status says why', async () => {
    const { cluster } = road
    await cluster.addNode('n2-1ghz', 'neoverse-n2', ['cntfrq=1000000000'])
    await waitForField(cluster, ['cfp', 'fleet'], '{.status.nodes.summary}', '2/3')
    // The node counts before it has reported.
    const unfit = '{.status.classes[?(@.compatible==false)].findings[*].register}'
    await waitForField(cluster, ['cfp', 'fleet'], unfit, /CNTFRQ_EL0/)
    const classes = await cluster.kubectl([
      'get',
      'nodes',
      '-o',
      'jsonpath={.items[*].metadata.labels.cpufeatures\\.dev/class}',
    ])
    assert.equal(new Set(classes.split(' ')).size, 3)
  })
})
