import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ERRNO } from '../../../src/linux/abi/errno.ts'
import { NotificationListener } from '../../../src/linux/seccomp/notification-listener.ffi.ts'
import { startContained } from '../../harness/contained-process.ts'
import { HolderNode, ListeningAgent, openFiles } from '../../harness/holder-process.ts'
import { eventually } from '../../harness/eventually.ts'

describe('a holder', () => {
  it('gives an agent the listener that a runtime has sent, and what came with it', async () => {
    await using node = new HolderNode()
    await node.start()
    await using contained = await startContained()
    contained.send(node.runtimeSocket, '{"pid":1}')
    const agent = new ListeningAgent(node)
    assert.equal(agent.connect(), 0)
    const [entry] = await agent.hear('entry')
    assert.ok(entry !== undefined)
    assert.equal(entry.state.toString(), '{"pid":1}')
    await agent.hear('complete')
    using listener = new NotificationListener(entry.listener)
    const result = contained.call('init 51')
    const call = await eventually('the call', () => {
      const received = listener.receive()
      return Promise.resolve(typeof received === 'number' ? undefined : received)
    })
    assert.equal(call.tid === 0, false)
    assert.ok(listener.answer(call.id, 7n) >= 0)
    assert.equal(await result, 7)
    agent.connection.leave()
  })

  it('answers the INIT of a levelled vCPU itself, while no agent is there, and forgets what has ended', async () => {
    await using node = new HolderNode()
    const holder = await node.start()
    const before = openFiles(holder.pid)
    {
      await using contained = await startContained()
      contained.send(node.runtimeSocket, '{}')
      for (const line of ['init 52', 'wide 52', 'own-table 52'])
        assert.equal(await contained.call(line), -ERRNO.ENOTTY, line)
      assert.equal(openFiles(holder.pid), before + 2)
    }
    await eventually('its files to be closed', () =>
      Promise.resolve(openFiles(holder.pid) === before || undefined),
    )
  })
})
