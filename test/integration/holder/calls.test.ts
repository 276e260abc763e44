import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { ERRNO } from '../../../src/linux/abi/errno.ts'
import { NotificationListener } from '../../../src/linux/seccomp/notification-listener.ffi.ts'
import { startContained, type ContainedProcess } from '../../harness/contained-process.ts'
import { eventually } from '../../harness/eventually.ts'
import { HolderNode } from '../../harness/holder-process.ts'
import { ListeningAgent } from '../../harness/listening-agent.ts'

const IOCTL = process.arch === 'arm64' ? '29' : '16'

/** Has a container make calls, each in a thread of its own, and waits until all of them wait. What is returned waits for the results. */
const waitingCalls = async (
  { pid, call }: ContainedProcess,
  lines: readonly string[],
): Promise<() => Promise<number[]>> => {
  const calls = lines.map((line) => call(line))
  await eventually('the calls to wait', () => {
    const tasks = readdirSync(`/proc/${pid}/task`)
    const inIoctl = tasks.filter((tid) =>
      readFileSync(`/proc/${pid}/task/${tid}/syscall`, 'utf8').startsWith(`${IOCTL} `),
    )
    return Promise.resolve(inIoctl.length === lines.length || undefined)
  })
  return () => Promise.all(calls)
}

/** All but a levelled vCPU: new, begun, SVE lengths pending, unlevelled, lacking, a number that is none of ours; and no vCPU at all. */
const NOT_LEVELLED = ['init 0', 'init 51', 'init 53', 'init 54', 'init 55', 'init 60', 'create']

describe('while no agent is there', () => {
  it('the INIT of a levelled vCPU goes on: in any thread, with its own file table, with a wide request', async () => {
    await using node = new HolderNode()
    await node.start()
    await using contained = await startContained()
    contained.send(node.runtimeSocket, '{}')
    for (const line of ['init 52', 'wide 52', 'own-table 52', 'init 52'])
      assert.equal(await contained.call(line), -ERRNO.ENOTTY, line)
  })

  it('every other call waits, is told to the agent that comes, and has its answer then', async () => {
    await using node = new HolderNode()
    await node.start()
    await using contained = await startContained()
    contained.send(node.runtimeSocket, '{}')
    const results = await waitingCalls(contained, NOT_LEVELLED)
    // The kernel gives calls in their order: once this one is answered, the holder has looked at all before.
    assert.equal(await contained.call('init 52'), -ERRNO.ENOTTY)
    const agent = new ListeningAgent(node)
    agent.connect()
    await agent.hear('complete')
    const [entry] = agent.of('entry')
    const received = agent.of('received')
    assert.equal(received.length, NOT_LEVELLED.length)
    using listener = new NotificationListener(entry?.listener ?? -1)
    for (const { id, notification } of received) {
      assert.equal(id, entry?.id)
      assert.ok(listener.answer(notification.id, 7n) >= 0)
    }
    assert.deepEqual(
      await results(),
      NOT_LEVELLED.map(() => 7),
    )
    agent.connection.leave()
  })

  it('a call is told to each agent in turn until it is answered, and to none after it has ended', async () => {
    await using node = new HolderNode()
    await node.start()
    await using contained = await startContained()
    contained.send(node.runtimeSocket, '{}')
    const results = await waitingCalls(contained, ['init 51'])
    assert.equal(await contained.call('init 52'), -ERRNO.ENOTTY)
    const told: bigint[] = []
    for (const round of [1, 2, 3]) {
      const agent = new ListeningAgent(node)
      agent.connect()
      await agent.hear('complete')
      told.push(...agent.of('received').map(({ notification }) => notification.id))
      assert.equal(told.length, Math.min(round, 2))
      if (round === 2) {
        using listener = new NotificationListener(agent.of('entry')[0]?.listener ?? -1)
        assert.ok(listener.resume(told[1] ?? 0n) >= 0)
        assert.deepEqual(await results(), [-ERRNO.ENOTTY])
      }
      agent.connection.leave()
    }
    assert.equal(told[0], told[1])
  })

  it('a call that is interrupted, and made again, is told once', async () => {
    await using node = new HolderNode()
    await node.start()
    await using contained = await startContained()
    contained.send(node.runtimeSocket, '{}')
    await waitingCalls(contained, ['init 51'])
    for (let time = 0; time < 200; time += 1) {
      process.kill(contained.pid, 'SIGSTOP')
      process.kill(contained.pid, 'SIGCONT')
    }
    assert.equal(await contained.call('init 52'), -ERRNO.ENOTTY)
    const agent = new ListeningAgent(node)
    agent.connect()
    await agent.hear('complete')
    assert.equal(agent.of('received').length, 1)
    agent.die()
  })

  it('calls without end of one container keep no other from its answer', async () => {
    await using node = new HolderNode()
    await node.start()
    await using busy = await startContained()
    await using other = await startContained()
    busy.send(node.runtimeSocket, '{}')
    other.send(node.runtimeSocket, '{}')
    const many = Array.from({ length: 200 }, () => 'init 51')
    await waitingCalls(busy, many)
    assert.equal(await other.call('init 52'), -ERRNO.ENOTTY)
    const agent = new ListeningAgent(node)
    agent.connect()
    await agent.hear('complete')
    // The others wait in the kernel, which gives them to whoever receives next.
    assert.equal(agent.of('received').length, 64)
    agent.die()
  })
})

describe('while an agent is there', () => {
  it('the holder receives nothing: not even the INIT of a levelled vCPU', async () => {
    await using node = new HolderNode()
    await node.start()
    await using contained = await startContained()
    const agent = new ListeningAgent(node)
    agent.connect()
    await agent.hear('complete')
    contained.send(node.runtimeSocket, '{}')
    const [entry] = await agent.hear('entry')
    const results = await waitingCalls(contained, ['init 52'])
    using listener = new NotificationListener(entry?.listener ?? -1)
    const received = listener.receive()
    assert.ok(typeof received === 'object')
    assert.ok(listener.answer(received.id, 9n) >= 0)
    assert.deepEqual(await results(), [9])
    agent.connection.leave()
  })
})
