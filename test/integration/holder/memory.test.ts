import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { startContained } from '../../harness/contained-process.ts'
import { HolderNode, openFiles, residentKib } from '../../harness/holder-process.ts'
import { ListeningAgent } from '../../harness/listening-agent.ts'

const CONTAINERS = 50
/** About what containerd sends; CRI-O sends all annotations of the pod. */
const STATE = JSON.stringify({ pid: 1, annotations: 'x'.repeat(1 << 16) })

describe('the memory of a holder', () => {
  it('is less than 5 MiB with 50 containers, each with 64 KiB of state', async (t) => {
    await using node = new HolderNode()
    const holder = await node.start()
    const before = { resident: residentKib(holder.pid), files: openFiles(holder.pid) }
    await using contained = new AsyncDisposableStack()
    for (let count = 0; count < CONTAINERS; count += 1)
      contained.use(await startContained()).send(node.runtimeSocket, STATE)
    const agent = new ListeningAgent(node)
    agent.connect()
    await agent.hear('entry', CONTAINERS)
    await agent.hear('complete')
    const resident = residentKib(holder.pid)
    t.diagnostic(`resident: ${before.resident} KiB without, ${resident} KiB with ${CONTAINERS} containers`)
    assert.ok(resident < 5 * 1024)
    assert.equal(openFiles(holder.pid), before.files + 1 + 2 * CONTAINERS)
    agent.die()
  })
})
