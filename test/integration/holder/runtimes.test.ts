import assert from 'node:assert/strict'
import { closeSync, openSync } from 'node:fs'
import { describe, it } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { startContained } from '../../harness/contained-process.ts'
import { eventually } from '../../harness/eventually.ts'
import { HolderNode, openFiles } from '../../harness/holder-process.ts'
import { ListeningAgent } from '../../harness/listening-agent.ts'
import { RuntimeConnection } from '../../harness/runtime-connection.ts'

const PRETTY = JSON.stringify({ pid: 1, state: { annotations: { text: 'x'.repeat(5000) } } }, undefined, 4)
const MEBIBYTE = 1 << 20

type Sending = (socket: string, listener: number, other: number) => void

/** How a runtime may say it, and what the agent is told of the state. */
const FORMS: readonly (readonly [string, Sending, string])[] = [
  [
    'in one line, with the listener',
    (socket, listener) => {
      new RuntimeConnection(socket).say('{"pid":1}', [listener]).close()
    },
    '{"pid":1}',
  ],
  [
    'pretty-printed, in many pieces, with the listener first',
    (socket, listener) => {
      const connection = new RuntimeConnection(socket)
      connection.say(PRETTY.slice(0, 1), [listener])
      for (let at = 1; at < PRETTY.length; at += 7) connection.say(PRETTY.slice(at, at + 7))
      connection.close()
    },
    PRETTY,
  ],
  [
    'with the listener last',
    (socket, listener) => {
      new RuntimeConnection(socket).say('{"pid"').say(':1').say('}', [listener]).close()
    },
    '{"pid":1}',
  ],
  [
    'with other files before and after it, in several messages, and the listener twice',
    (socket, listener, other) => {
      const connection = new RuntimeConnection(socket)
      connection.say('{', [other, other]).say('"pid"', [other, listener, other]).say(':1}', [listener, other])
      connection.close()
    },
    '{"pid":1}',
  ],
  [
    'as anything but JSON',
    (socket, listener) => {
      new RuntimeConnection(socket).say('\0\0garbage', [listener]).close()
    },
    '\0\0garbage',
  ],
  [
    'and stay connected',
    (socket, listener) => {
      new RuntimeConnection(socket).say('{"pid":1}', [listener])
    },
    '{"pid":1}',
  ],
]

describe('a container runtime may send its listener', () => {
  for (const [name, send, state] of FORMS)
    it(name, async () => {
      await using node = new HolderNode()
      await node.start()
      await using contained = await startContained()
      const other = openSync('/dev/null', 'r')
      send(node.runtimeSocket, contained.listener, other)
      closeSync(other)
      const agent = new ListeningAgent(node)
      agent.connect()
      const [entry] = await agent.hear('entry')
      await agent.hear('complete')
      assert.equal(agent.of('entry').length, 1)
      assert.equal(entry?.state.toString(), state)
      agent.die()
    })

  it('with more than a mebibyte of state: the rest is cut off, and the listener is kept', async () => {
    await using node = new HolderNode()
    await node.start()
    await using contained = await startContained()
    const connection = new RuntimeConnection(node.runtimeSocket)
    connection.say('a', [contained.listener])
    const piece = Buffer.alloc(1 << 15, 'a')
    await eventually(
      'the holder to close it',
      async () => {
        await nextTurn()
        try {
          connection.say(piece)
        } catch {
          return connection.isClosed || undefined
        }
        return undefined
      },
      { everyMs: 1 },
    )
    const agent = new ListeningAgent(node)
    agent.connect()
    const [entry] = await agent.hear('entry')
    assert.equal(entry?.state.length, MEBIBYTE)
    agent.die()
  })
})

describe('a client of the runtime socket', () => {
  it('that sends no listener is forgotten, garbage, files and all', async () => {
    await using node = new HolderNode()
    const holder = await node.start()
    const before = openFiles(holder.pid)
    const other = openSync('/dev/null', 'r')
    new RuntimeConnection(node.runtimeSocket).close()
    new RuntimeConnection(node.runtimeSocket).say('{"pid":1}').close()
    new RuntimeConnection(node.runtimeSocket).say('x', Array<number>(253).fill(other)).close()
    closeSync(other)
    const agent = new ListeningAgent(node)
    agent.connect()
    await agent.hear('complete')
    await eventually('its files to be closed', () =>
      Promise.resolve(openFiles(holder.pid) === before + 1 || undefined),
    )
    assert.equal(agent.of('entry').length, 0)
    agent.die()
  })

  it('delays nobody by its silence, even if there are more of them than the holder has places', async () => {
    await using node = new HolderNode()
    const holder = await node.start()
    const before = openFiles(holder.pid)
    const silent = Array.from({ length: 300 }, () => new RuntimeConnection(node.runtimeSocket))
    await using contained = await startContained()
    contained.send(node.runtimeSocket, '{}')
    const agent = new ListeningAgent(node)
    agent.connect()
    await agent.hear('entry')
    // Those that were silent longest made room; the others have their five seconds.
    assert.ok(silent.filter(({ isClosed }) => isClosed).length < 100)
    await eventually('the silent ones to be closed', () =>
      Promise.resolve(silent.every((one) => one.isClosed) || undefined),
    )
    // Its agent, and the listener and the state of the entry.
    assert.equal(openFiles(holder.pid), before + 3)
    for (const one of silent) one.close()
    agent.die()
  })

  it('leaves no file behind, not even ten thousand of them with containers that end', async () => {
    await using node = new HolderNode()
    const holder = await node.start()
    const before = openFiles(holder.pid)
    const agent = new ListeningAgent(node)
    agent.connect()
    for (let round = 0; round < 20; round += 1) {
      await using contained = await startContained()
      for (let count = 0; count < 500; count += 1) {
        const fds = count % 100 === 0 ? [contained.listener] : []
        new RuntimeConnection(node.runtimeSocket).say('{}', fds).close()
        if (count % 50 === 0) await nextTurn()
      }
      closeSync(contained.listener)
      agent.listen()
    }
    await agent.hear('entry', 20 * 5)
    await eventually('its files to be closed', () =>
      Promise.resolve(openFiles(holder.pid) === before + 1 || undefined),
    )
    agent.die()
  })
})
