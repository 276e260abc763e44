import assert from 'node:assert/strict'
import { closeSync, existsSync, rmSync, symlinkSync } from 'node:fs'
import { describe, it } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { ERRNO } from '../../../src/linux/abi/errno.ts'
import { receiveMessage, sendMessage } from '../../../src/linux/process/message.ffi.ts'
import { connectPacketSocket } from '../../../src/linux/process/unix-socket.ffi.ts'
import { NotificationListener } from '../../../src/linux/seccomp/notification-listener.ffi.ts'
import { helloMessage, HOLDER_PROTOCOL } from '../../../src/node-agent/holder/holder-message.ts'
import { startContained } from '../../harness/contained-process.ts'
import { eventually } from '../../harness/eventually.ts'
import { HolderNode, openFiles } from '../../harness/holder-process.ts'
import { ListeningAgent } from '../../harness/listening-agent.ts'
import { RuntimeConnection } from '../../harness/runtime-connection.ts'

/** Standard input, output and error. */
const NO_FILES = 3

const statesOf = (agent: ListeningAgent): string[] => agent.of('entry').map(({ state }) => state.toString())

const numbered = (count: number): string[] => Array.from({ length: count }, (_, index) => String(index))

/** Connects as the next holder, and takes what it is told. */
const falseSuccessor = (node: HolderNode) => {
  const fd = connectPacketSocket(node.holderSocket)
  const hello = helloMessage(false)
  hello.writeUInt32LE(3, 0)
  sendMessage(fd, hello)
  const hear = async (kind: number): Promise<void> => {
    await eventually(
      'the false successor to be told',
      () => {
        const received = receiveMessage(fd, 1000)
        if (typeof received === 'number') return Promise.resolve(undefined)
        for (const one of received.fds) closeSync(one)
        return Promise.resolve(received.bytes.readUInt32LE(0) === kind || undefined)
      },
      { everyMs: 1 },
    )
  }
  return {
    hear,
    close: () => {
      closeSync(fd)
    },
  }
}

describe('a holder and its successor', () => {
  for (const who of ['no agent', 'an agent'] as const)
    it(`serve every runtime between them, whenever it connects, with ${who} there`, async () => {
      await using node = new HolderNode()
      const before = await node.start()
      await using contained = await startContained()
      const agent = new ListeningAgent(node)
      if (who === 'an agent') agent.connect()
      let count = 0
      const ending = new AbortController()
      const over = ending.signal
      const sending = (async () => {
        while (!over.aborted) {
          contained.share(node.runtimeSocket, String(count))
          count += 1
          agent.listen()
          await nextTurn()
        }
      })()
      await eventually('some to be sent', () => Promise.resolve(count > 100 || undefined), { everyMs: 5 })
      const after = await node.start()
      await eventually('the holder before it to be idle', () =>
        Promise.resolve(openFiles(before.pid) === NO_FILES || undefined),
      )
      ending.abort()
      await sending
      agent.connect()
      await agent.hear('entry', count)
      assert.deepEqual(
        statesOf(agent)
          .map(Number)
          .toSorted((a, b) => a - b),
        numbered(count).map(Number),
      )
      assert.deepEqual(agent.of('closed'), [])
      assert.equal(node.linkedPid, after.pid)
      await before.stop()
      assert.equal(await before.exited, 0)
      assert.equal(node.linkedPid, after.pid)
      agent.die()
    })

  it('share a connection that has not said all, and a call that waits', async () => {
    await using node = new HolderNode()
    await node.start()
    await using half = await startContained()
    await using waiting = await startContained()
    const connection = new RuntimeConnection(node.runtimeSocket).say('{"pid"', [half.listener])
    const later = new RuntimeConnection(node.runtimeSocket).say('{"late"')
    waiting.send(node.runtimeSocket, 'waiting')
    const call = waiting.call('init 51')
    assert.equal(await waiting.call('init 52'), -ERRNO.ENOTTY)
    await node.start()
    connection.say(':1}').close()
    later.say(':2}', [half.listener]).close()
    assert.equal(await waiting.call('init 52'), -ERRNO.ENOTTY)
    const agent = new ListeningAgent(node)
    agent.connect()
    await agent.hear('entry', 3)
    assert.deepEqual(statesOf(agent).toSorted(), ['waiting', '{"late":2}', '{"pid":1}'])
    const [received] = await agent.hear('received')
    const entry = agent.of('entry').find(({ id }) => id === received?.id)
    using listener = new NotificationListener(entry?.listener ?? -1)
    assert.ok(listener.answer(received?.notification.id ?? 0n, 7n) >= 0)
    assert.equal(await call, 7)
    agent.connection.leave()
  })

  it('share the agents: the one that serves, and the one that waits, notice nothing', async () => {
    await using node = new HolderNode()
    await node.start()
    await using contained = await startContained()
    contained.send(node.runtimeSocket, 'early')
    const [serving, waiting] = [new ListeningAgent(node), new ListeningAgent(node)]
    serving.connect()
    await serving.hear('complete')
    waiting.connect()
    await serving.hear('newcomer')
    await node.start()
    await using late = await startContained()
    late.send(node.runtimeSocket, 'late')
    await serving.hear('entry', 2)
    waiting.listen()
    assert.deepEqual(waiting.events, [])
    serving.die()
    await waiting.hear('complete')
    assert.deepEqual(statesOf(waiting), ['early', 'late'])
    assert.deepEqual([...serving.of('closed'), ...serving.of('newcomer').slice(1)], [])
    assert.equal(serving.of('complete').length, 1)
    waiting.die()
  })

  it('may be many: each takes over from the one before, whichever starts first', async () => {
    await using node = new HolderNode()
    await using contained = await startContained()
    const holders = Array.from({ length: 5 }, () => node.launch())
    await eventually('one of them to listen', () =>
      Promise.resolve(existsSync(node.holderSocket) || undefined),
    )
    contained.send(node.runtimeSocket, '{}')
    await eventually('four of them to be idle', () => {
      const idle = holders.filter(({ pid }) => openFiles(pid) === NO_FILES)
      return Promise.resolve(idle.length === 4 || undefined)
    })
    const last = holders.find(({ pid }) => openFiles(pid) !== NO_FILES)
    assert.equal(node.linkedPid, last?.pid)
    assert.equal(await contained.call('init 52'), -ERRNO.ENOTTY)
    const agent = new ListeningAgent(node)
    agent.connect()
    await agent.hear('complete')
    assert.equal(agent.of('entry').length, 1)
    agent.die()
  })
})

describe('a successor that does not take over', () => {
  for (const [name, lastKind] of [
    ['dies at once', HOLDER_PROTOCOL.WELCOME],
    ['dies when it has been told everything', HOLDER_PROTOCOL.COMPLETE],
  ] as const)
    it(`because it ${name} changes nothing`, async () => {
      await using node = new HolderNode()
      const holder = await node.start()
      await using contained = await startContained()
      contained.send(node.runtimeSocket, '{}')
      assert.equal(await contained.call('init 52'), -ERRNO.ENOTTY)
      const before = openFiles(holder.pid)
      const successor = falseSuccessor(node)
      await successor.hear(lastKind)
      // It may have made the link already.
      rmSync(node.link)
      symlinkSync('/proc/1/root/nowhere', node.link)
      successor.close()
      assert.equal(await contained.call('init 52'), -ERRNO.ENOTTY)
      assert.equal(node.linkedPid, holder.pid)
      assert.equal(openFiles(holder.pid), before)
    })

  it('because it hangs holds the holder up for some seconds, and runtimes connect meanwhile', async () => {
    await using node = new HolderNode()
    const holder = await node.start()
    await using contained = await startContained()
    const successor = falseSuccessor(node)
    contained.send(node.runtimeSocket, '{}')
    assert.equal(await contained.call('init 52'), -ERRNO.ENOTTY)
    successor.close()
    assert.equal(node.linkedPid, holder.pid)
  })
})

describe('a holder that is told to end', () => {
  it('does so when an agent has everything, which gives it to the next holder', async () => {
    await using node = new HolderNode()
    const holder = await node.start()
    await using contained = await startContained()
    contained.send(node.runtimeSocket, '{}')
    process.kill(holder.pid, 'SIGTERM')
    // Nobody has the entry yet.
    await eventually('the link to go', () => Promise.resolve(node.linkedPid === undefined || undefined))
    assert.equal(await contained.call('init 52'), -ERRNO.ENOTTY)
    const agent = new ListeningAgent(node)
    agent.connect()
    await agent.hear('closed')
    assert.equal(await holder.exited, 0)
    assert.equal(agent.of('entry').length, 1)
    await node.start()
    agent.connect()
    agent.die()
    assert.equal(await contained.call('init 52'), -ERRNO.ENOTTY)
  })

  it('or when a successor takes everything, or if it has nothing', async () => {
    await using node = new HolderNode()
    const [first, contained] = [await node.start(), await startContained()]
    contained.send(node.runtimeSocket, '{}')
    process.kill(first.pid, 'SIGTERM')
    const second = await node.start()
    assert.equal(await first.exited, 0)
    assert.equal(node.linkedPid, second.pid)
    assert.equal(await contained.call('init 52'), -ERRNO.ENOTTY)
    await contained[Symbol.asyncDispose]()
    process.kill(second.pid, 'SIGTERM')
    assert.equal(await second.exited, 0)
    assert.equal(node.linkedPid, undefined)
  })
})
