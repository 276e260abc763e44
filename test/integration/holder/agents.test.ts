import assert from 'node:assert/strict'
import { chmodSync, closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { ERRNO } from '../../../src/linux/abi/errno.ts'
import { connectPacketSocket } from '../../../src/linux/process/unix-socket.ffi.ts'
import { pollReadable } from '../../../src/linux/process/poll.ffi.ts'
import { receiveMessage, sendMessage } from '../../../src/linux/process/message.ffi.ts'
import { adoptMessage, helloMessage, HOLDER_PROTOCOL } from '../../../src/node-agent/holder/holder-message.ts'
import { startContained } from '../../harness/contained-process.ts'
import { eventually } from '../../harness/eventually.ts'
import { HolderNode, openFiles } from '../../harness/holder-process.ts'
import { LAB_PATHS } from '../../harness/lab-paths.ts'
import { ListeningAgent } from '../../harness/listening-agent.ts'
import { runCommand } from '../../harness/process.ts'

const idsOf = (agent: ListeningAgent): bigint[] => agent.of('entry').map(({ id }) => id)

/** Sends bytes to a holder's socket as nobody should, and waits until it has closed the connection. What it said is returned. */
const provoke = async (node: HolderNode, packets: readonly (readonly [Buffer, readonly number[]])[]) => {
  const fd = connectPacketSocket(node.holderSocket)
  const said: Buffer[] = []
  for (const [bytes, fds] of packets) sendMessage(fd, bytes, fds)
  await eventually(
    'the holder to close the connection',
    () => {
      const received = receiveMessage(fd, 1000)
      if (typeof received === 'object' && received.bytes.length > 0) said.push(received.bytes)
      // ECONNRESET comes before what the holder said last.
      const isClosed = typeof received === 'object' && received.bytes.length === 0
      return Promise.resolve(isClosed || undefined)
    },
    { everyMs: 10 },
  )
  closeSync(fd)
  return said
}

describe('agents one after another', () => {
  it('are told the same entries, whatever became of the one before', async () => {
    await using node = new HolderNode()
    await node.start()
    await using first = await startContained()
    await using second = await startContained()
    first.send(node.runtimeSocket, 'first')
    const killed = new ListeningAgent(node)
    killed.connect()
    await killed.hear('entry')
    second.send(node.runtimeSocket, 'second')
    await killed.hear('entry', 2)
    killed.die()
    const next = new ListeningAgent(node)
    next.connect()
    await next.hear('complete')
    assert.deepEqual(idsOf(next), idsOf(killed))
    assert.deepEqual(
      next.of('entry').map(({ state }) => state.toString()),
      ['first', 'second'],
    )
    next.die()
  })

  it('never serve at once: the first is told that another waits, who is told nothing before the first has left', async () => {
    await using node = new HolderNode()
    await node.start()
    await using contained = await startContained()
    contained.send(node.runtimeSocket, '{}')
    const first = new ListeningAgent(node)
    first.connect()
    await first.hear('complete')
    const second = new ListeningAgent(node)
    second.connect()
    await first.hear('newcomer')
    await using late = await startContained()
    late.send(node.runtimeSocket, '{}')
    await first.hear('entry', 2)
    second.listen()
    assert.deepEqual(second.events, [])
    first.die()
    await second.hear('complete')
    assert.deepEqual(idsOf(second), idsOf(first))
    assert.equal(first.of('newcomer').length, 1)
    second.die()
  })

  it('may be told more than a socket holds at once', async () => {
    await using node = new HolderNode()
    await node.start()
    await using contained = await startContained()
    const agent = new ListeningAgent(node)
    agent.connect()
    await agent.hear('complete')
    for (let count = 0; count < 600; count += 1) contained.share(node.runtimeSocket, String(count))
    await agent.hear('entry', 600)
    const texts = agent.of('entry').map(({ state }) => state.toString())
    assert.deepEqual(
      texts,
      Array.from({ length: 600 }, (_, index) => String(index)),
    )
    agent.die()
  })
})

describe('after a holder was killed', () => {
  it('the next one gets from the agent what it has, and the runtimes that have connected since', async () => {
    await using node = new HolderNode()
    const killed = await node.start()
    await using first = await startContained()
    await using second = await startContained()
    await using third = await startContained()
    first.send(node.runtimeSocket, 'first')
    const agent = new ListeningAgent(node)
    agent.connect()
    await agent.hear('complete')
    process.kill(killed.pid, 'SIGKILL')
    await agent.hear('closed')
    assert.equal(agent.connect(), -ERRNO.ECONNREFUSED)
    second.send(node.runtimeSocket, 'second')
    await node.start()
    third.send(node.runtimeSocket, 'third')
    assert.equal(agent.connect(), 0)
    await agent.hear('entry', 3)
    agent.die()
    const next = new ListeningAgent(node)
    next.connect()
    await next.hear('complete')
    const states = next.of('entry').map(({ state }) => state.toString())
    assert.deepEqual(states.toSorted(), ['first', 'second', 'third'])
    assert.deepEqual(idsOf(next).toSorted(), idsOf(agent).toSorted())
    next.die()
    assert.equal(await first.call('init 52'), -ERRNO.ENOTTY)
  })

  it('an agent that waited has its turn, and the entries only when the one that served them has left', async () => {
    await using node = new HolderNode()
    const killed = await node.start()
    await using contained = await startContained()
    contained.send(node.runtimeSocket, '{}')
    const serving = new ListeningAgent(node)
    serving.connect()
    await serving.hear('entry')
    const waiting = new ListeningAgent(node)
    waiting.connect()
    await serving.hear('newcomer')
    process.kill(killed.pid, 'SIGKILL')
    await Promise.all([serving.hear('closed'), waiting.hear('closed')])
    await node.start()
    waiting.connect()
    await waiting.hear('complete')
    assert.deepEqual(waiting.of('entry'), [])
    serving.connect()
    await serving.hear('newcomer', 2)
    waiting.listen()
    assert.deepEqual(waiting.of('entry'), [])
    serving.die()
    await waiting.hear('entry')
    assert.deepEqual(waiting.of('newcomer'), [])
    waiting.die()
  })

  for (const [moment, isWelcome] of [
    ['before the holder has read anything', false],
    ['without reading what the holder has told it', true],
  ] as const)
    it(`what an agent gives is taken, also if it dies ${moment}`, async () => {
      await using node = new HolderNode()
      const holder = await node.start()
      await using contained = await startContained()
      const state = openSync('/dev/null', 'r')
      if (!isWelcome) process.kill(holder.pid, 'SIGSTOP')
      const fd = connectPacketSocket(node.holderSocket)
      sendMessage(fd, helloMessage(true))
      if (isWelcome) {
        pollReadable(fd, -1)
        process.kill(holder.pid, 'SIGSTOP')
      }
      sendMessage(fd, adoptMessage([7n]), [contained.listener, state])
      for (const one of [fd, state, contained.listener]) closeSync(one)
      process.kill(holder.pid, 'SIGCONT')
      assert.equal(await contained.call('init 52'), -ERRNO.ENOTTY)
      const next = new ListeningAgent(node)
      next.connect()
      await next.hear('complete')
      assert.deepEqual(idsOf(next), [7n])
      next.die()
    })

  it('entries that have ended meanwhile are not given', async () => {
    await using node = new HolderNode()
    const killed = await node.start()
    const agent = new ListeningAgent(node)
    {
      await using contained = await startContained()
      contained.send(node.runtimeSocket, '{}')
      agent.connect()
      await agent.hear('entry')
    }
    process.kill(killed.pid, 'SIGKILL')
    await agent.hear('closed')
    const holder = await node.start()
    const before = openFiles(holder.pid)
    agent.connect()
    await agent.hear('complete', 2)
    // The connection, and the socket of the holder before it.
    assert.equal(openFiles(holder.pid), before + 2)
    agent.die()
  })
})

describe('whoever else connects to the socket for agents', () => {
  const hello = helloMessage(false)
  const foreignVersion = Buffer.from(hello)
  foreignVersion.writeUInt32LE(99, 4)
  const unknownKind = Buffer.from(hello)
  unknownKind.writeUInt32LE(77, 0)

  it('with garbage, or with what does not fit, is sent away, and leaves no file behind', async () => {
    await using node = new HolderNode()
    const holder = await node.start()
    await using contained = await startContained()
    const before = openFiles(holder.pid)
    const other = openSync('/dev/null', 'r')
    const wrong: readonly (readonly (readonly [Buffer, readonly number[]])[])[] = [
      [[Buffer.from('garbage'), []]],
      [[Buffer.alloc(4000, 1), [other]]],
      [[Buffer.concat([hello, Buffer.alloc(8)]), []]],
      [[hello, [other]]],
      [[unknownKind, []]],
      [[adoptMessage([1n]), [contained.listener, other]]],
      [
        [hello, []],
        [hello, []],
      ],
      [
        [hello, []],
        [adoptMessage([1n]), [contained.listener]],
      ],
      [
        [hello, []],
        [adoptMessage([1n, 2n]).subarray(0, 24), [contained.listener, other]],
      ],
      [
        [hello, []],
        [Buffer.alloc(528, 4), [other]],
      ],
    ]
    for (const packets of wrong) await provoke(node, packets)
    closeSync(other)
    assert.equal(openFiles(holder.pid), before)
  })

  it('in another version is told which one the holder speaks', async () => {
    await using node = new HolderNode()
    await node.start()
    const [said] = await provoke(node, [[foreignVersion, []]])
    assert.deepEqual(
      [said?.readUInt32LE(0), said?.readUInt32LE(4)],
      [HOLDER_PROTOCOL.REFUSED, HOLDER_PROTOCOL.version],
    )
  })

  it('and says nothing is sent away after a while, and is in nobody’s way', async () => {
    await using node = new HolderNode()
    await node.start()
    const silent = provoke(node, [])
    const agent = new ListeningAgent(node)
    agent.connect()
    await agent.hear('complete')
    await silent
    assert.deepEqual(agent.of('newcomer'), [])
    agent.die()
  })

  it('and adopts what is not a listener has added no entry', async () => {
    await using node = new HolderNode()
    const holder = await node.start()
    const before = openFiles(holder.pid)
    const other = openSync('/dev/null', 'r')
    const fd = connectPacketSocket(node.holderSocket)
    sendMessage(fd, helloMessage(true))
    sendMessage(fd, adoptMessage([1n]), [other, other])
    sendMessage(fd, Buffer.from(adoptMessage([])), [])
    closeSync(other)
    await eventually('the holder to have only the connection', () =>
      Promise.resolve(openFiles(holder.pid) === before + 1 || undefined),
    )
    closeSync(fd)
  })

  it('as another user is sent away at once, from the socket for runtimes too', async (t) => {
    if (process.getuid?.() !== 0) {
      t.skip('only root can become another user')
      return
    }
    await using node = new HolderNode()
    await node.start()
    chmodSync(node.folder, 0o755)
    chmodSync(node.run, 0o755)
    for (const socket of [node.runtimeSocket, node.holderSocket]) chmodSync(socket, 0o666)
    const program = join(LAB_PATHS.root, 'test/fixtures/holder/other-user.ts')
    const { stdout } = await runCommand([process.execPath, program, node.runtimeSocket, node.holderSocket])
    assert.equal(stdout, 'closed closed\n')
    assert.match(node.said(), /refused process \d+ of user 65534/)
  })
})
