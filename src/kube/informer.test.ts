import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ManualClock } from '../../test/doubles/manual-clock.ts'
import { ApiError } from './api-error.ts'
import { Informer } from './informer.ts'
import { KeptLog } from '../../test/doubles/kept-log.ts'
import type { KubeClient, ListPage, WatchOptions } from './kube-client.ts'
import type { KubeObject } from './kube-object.ts'
import { defineResource } from './resource.ts'
import type { WatchEvent } from './watch-stream.ts'

const things = defineResource<KubeObject>({
  apiVersion: 'v1',
  kind: 'Thing',
  plural: 'things',
  namespaced: false,
})
const thing = (name: string, resourceVersion: string, uid = name): KubeObject => ({
  metadata: { name, uid, resourceVersion, managedFields: ['much'] },
})
const refused = () => new ApiError({ status: 0, reason: 'Unreachable', message: 'refused' })

type WatchScript = readonly WatchEvent<KubeObject>[] | Error | 'hang'

/** Answers lists and watches from a script; a watch past its end hangs until it is told to end. */
class ScriptedServer {
  readonly asked: string[] = []
  lists: (ListPage<KubeObject> | Error)[] = []
  watches: WatchScript[] = []
  /** The answer to lists and watches after those. */
  otherLists: () => ListPage<KubeObject> | Error = refused
  otherWatches: () => WatchScript = () => 'hang'

  readonly client = {
    list: (_resource: unknown, options: { limit: number; continue?: string }) => {
      const what = options.limit === 0 ? 'list whole' : 'list'
      this.asked.push(options.continue === undefined ? what : `${what} ${options.continue}`)
      const answer = this.lists.shift() ?? this.otherLists()
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer)
    },
    watch: (_resource: unknown, options: WatchOptions) => {
      this.asked.push(`watch ${options.resourceVersion}`)
      const script = this.watches.shift() ?? this.otherWatches()
      if (script instanceof Error) return Promise.reject(script)
      return Promise.resolve(play(script, options.signal, this.#broken.promise))
    },
  } as unknown as Pick<KubeClient, 'list' | 'watch'>
  #broken = Promise.withResolvers<never>()

  /** Ends the watches that hang with an error. */
  endHanging(error: Error): void {
    this.#broken.reject(error)
    this.#broken = Promise.withResolvers<never>()
  }
}

async function* play(
  script: 'hang' | readonly WatchEvent<KubeObject>[],
  signal: AbortSignal,
  broken: Promise<never>,
) {
  if (script !== 'hang') {
    yield* script
    return
  }
  const told = new Promise<void>((resolve) => {
    signal.addEventListener(
      'abort',
      () => {
        resolve()
      },
      { once: true },
    )
  })
  if (!signal.aborted) await Promise.race([told, broken])
}

const following = async (server: ScriptedServer, forMs = 0) => {
  const clock = new ManualClock()
  const told: string[] = []
  const log = new KeptLog()
  const informer = new Informer({ client: server.client, resource: things, clock, log, random: () => 0 })
  informer.subscribe((change) => told.push(`${change.kind} ${change.object.metadata.name}`))
  informer.start()
  await clock.advance(forMs)
  return { informer, clock, told, log }
}

describe('an informer', () => {
  it('reads every page, tells each object once and strips managed fields', async () => {
    const server = new ScriptedServer()
    server.lists = [
      { items: [thing('a', '1')], resourceVersion: '5', continue: 'more' },
      { items: [thing('b', '2')], resourceVersion: '5' },
    ]
    const { informer, told } = await following(server)
    assert.equal(await informer.synced, true)
    assert.deepEqual(server.asked, ['list', 'list more', 'watch 5'])
    assert.deepEqual(told, ['add a', 'add b'])
    assert.deepEqual(informer.get({ name: 'a' })?.metadata, { name: 'a', uid: 'a', resourceVersion: '1' })
    await informer.stop()
  })

  it('goes on from the last event or bookmark when the server ends a watch', async () => {
    const server = new ScriptedServer()
    server.lists = [{ items: [], resourceVersion: '5' }]
    server.watches = [
      [
        { type: 'ADDED', object: thing('a', '6') },
        { type: 'MODIFIED', object: thing('a', '7') },
        { type: 'MODIFIED', object: thing('a', '7') },
      ],
      [{ type: 'DELETED', object: thing('a', '8') }],
      [{ type: 'BOOKMARK', object: thing('', '20') }],
    ]
    const { informer, told } = await following(server)
    assert.deepEqual(server.asked, ['list', 'watch 5', 'watch 7', 'watch 8', 'watch 20'])
    assert.deepEqual(told, ['add a', 'update a', 'delete a'])
    await informer.stop()
  })

  it('keeps its state and resumes, with growing delays, while the server is away', async () => {
    const server = new ScriptedServer()
    server.lists = [{ items: [thing('a', '1')], resourceVersion: '5' }]
    server.watches = [refused(), refused(), refused()]
    const { informer, clock, told } = await following(server)
    assert.deepEqual(server.asked, ['list', 'watch 5'])
    await clock.advance(800)
    assert.equal(server.asked.length, 3)
    await clock.advance(1599)
    assert.equal(server.asked.length, 3)
    await clock.advance(1)
    assert.deepEqual(server.asked, ['list', 'watch 5', 'watch 5', 'watch 5'])
    assert.equal(informer.list().length, 1)
    assert.deepEqual(told, ['add a'])
    await informer.stop()
  })

  it('lists again after 410, and tells only what has changed meanwhile', async () => {
    const server = new ScriptedServer()
    server.lists = [
      {
        items: [thing('same', '1'), thing('changed', '2'), thing('gone', '3'), thing('new-uid', '4')],
        resourceVersion: '5',
      },
      {
        items: [thing('same', '1'), thing('changed', '9'), thing('new-uid', '10', 'other')],
        resourceVersion: '11',
      },
    ]
    const expired = { code: 410, reason: 'Expired', message: 'too old' } as unknown as KubeObject
    server.watches = [[{ type: 'ERROR', object: expired }]]
    const { informer, clock, told } = await following(server)
    await clock.advance(1000)
    assert.deepEqual(server.asked, ['list', 'watch 5', 'list', 'watch 11'])
    assert.deepEqual(told.slice(4), ['delete gone', 'update changed', 'delete new-uid', 'add new-uid'])
    await informer.stop()
  })

  it('reads a list at once whose next page has expired, and takes nothing from the pages before', async () => {
    const server = new ScriptedServer()
    server.lists = [
      { items: [thing('gone', '1')], resourceVersion: '5', continue: 'more' },
      new ApiError({ status: 410, reason: 'Expired', message: 'the continue parameter is too old' }),
      { items: [thing('a', '8')], resourceVersion: '9' },
    ]
    const { informer, told } = await following(server)
    assert.deepEqual(server.asked, ['list', 'list more', 'list whole', 'watch 9'])
    assert.deepEqual(told, ['add a'])
    await informer.stop()
  })

  const status = (code: number) => ({ code, reason: 'Any', message: 'no' }) as unknown as KubeObject
  const apiError = (code: number) => new ApiError({ status: code, reason: 'Any', message: 'no' })
  const useless: Record<string, () => WatchScript> = {
    'refuses every watch': () => apiError(403),
    'fails at every watch': () => apiError(500),
    'answers every watch with 410': () => apiError(410),
    'accepts every watch and then says 410': () => [{ type: 'ERROR', object: status(410) }],
    'sends a bookmark in every watch and then says 410': () => [
      { type: 'BOOKMARK', object: thing('', '7') },
      { type: 'ERROR', object: status(410) },
    ],
    'sends an event that is no JSON': () => new SyntaxError('no JSON'),
  }
  for (const [what, answer] of Object.entries(useless))
    it(`lists seven times in the first minute, and twice in each later one, where the server ${what}`, async () => {
      const server = new ScriptedServer()
      server.otherLists = () => ({ items: [thing('a', '1')], resourceVersion: '5' })
      server.otherWatches = answer
      const { informer, clock } = await following(server, 60_000)
      const lists = () => server.asked.filter((request) => request === 'list').length
      assert.equal(lists(), 7)
      await clock.advance(600_000)
      assert.equal(lists(), 7 + 20)
      await informer.stop()
    })

  it('waits, longer each time, where the server closes every watch at once', async () => {
    const server = new ScriptedServer()
    server.lists = [{ items: [], resourceVersion: '5' }]
    server.otherWatches = () => []
    const { informer } = await following(server, 60_000)
    assert.deepEqual(server.asked, ['list', ...Array.from({ length: 7 }, () => 'watch 5')])
    await informer.stop()
  })

  it('starts over with short delays when watches have lived for two minutes, not sooner', async () => {
    for (const [livedMs, nextDelayMs] of [
      [100_000, 12_800],
      [120_000, 800],
    ] as const) {
      const server = new ScriptedServer()
      server.otherLists = () => ({ items: [], resourceVersion: '5' })
      server.watches = [apiError(500), apiError(500), apiError(500), apiError(500), 'hang']
      const { informer, clock } = await following(server, 12_000)
      assert.equal(server.asked.length, 10)
      server.otherWatches = () => apiError(500)
      await clock.advance(livedMs)
      server.endHanging(new ApiError({ status: 410, reason: 'Expired', message: 'too old' }))
      await clock.advance(nextDelayMs - 1)
      assert.equal(server.asked.length, 10, `${livedMs}`)
      await clock.advance(1)
      assert.equal(server.asked.length, 12, `${livedMs}`)
      await informer.stop()
    }
  })

  it('goes on at once from the last event when the connection breaks in its midst', async () => {
    const server = new ScriptedServer()
    server.lists = [{ items: [], resourceVersion: '5' }]
    const { informer, clock } = await following(server, 5000)
    server.endHanging(new Error('aborted'))
    await clock.advance(0)
    assert.deepEqual(server.asked, ['list', 'watch 5', 'watch 5'])
    await informer.stop()
  })

  it('opens a watch anew on which nothing comes, not even a bookmark', async () => {
    const server = new ScriptedServer()
    server.lists = [{ items: [], resourceVersion: '5' }]
    const { informer, clock } = await following(server)
    await clock.advance(179_999)
    assert.deepEqual(server.asked, ['list', 'watch 5'])
    await clock.advance(5000)
    assert.deepEqual(server.asked, ['list', 'watch 5', 'watch 5'])
    await informer.stop()
    assert.equal(clock.sleeping, 0)
  })

  it('keeps a watch on which something came', async () => {
    const server = new ScriptedServer()
    server.lists = [{ items: [], resourceVersion: '5' }]
    const bookmark = Promise.withResolvers<undefined>()
    const watch = server.client.watch
    async function* late(signal: AbortSignal) {
      await bookmark.promise
      yield { type: 'BOOKMARK', object: thing('', '6') } as const
      yield* play('hang', signal, new Promise(() => undefined))
    }
    const client = {
      ...server.client,
      watch: async (resource: typeof things, options: WatchOptions) => {
        await watch(resource, options)
        return late(options.signal)
      },
    } as unknown as typeof server.client
    Object.assign(server, { client })
    const { informer, clock } = await following(server)
    await clock.advance(170_000)
    bookmark.resolve(undefined)
    await clock.advance(170_000)
    assert.deepEqual(server.asked, ['list', 'watch 5'])
    await clock.advance(11_000)
    assert.deepEqual(server.asked, ['list', 'watch 5', 'watch 6'])
    await informer.stop()
  })

  it('does not die of a handler that throws, of a refusal, or of an answer that is no JSON', async () => {
    const server = new ScriptedServer()
    server.lists = [
      new ApiError({ status: 403, reason: 'Forbidden', message: 'no' }),
      new SyntaxError('not JSON'),
      { items: [thing('a', '1')], resourceVersion: '5' },
    ]
    const { informer, clock, told, log } = await following(server)
    informer.subscribe(() => {
      throw new Error('a defect')
    })
    await clock.advance(10_000)
    assert.deepEqual(told, ['add a'])
    assert.ok(log.lines.includes('error informer handler failed'))
    await informer.stop()
  })

  it('says that it never synced when it is stopped before', async () => {
    const { informer } = await following(new ScriptedServer())
    await informer.stop()
    assert.equal(await informer.synced, false)
  })
})
