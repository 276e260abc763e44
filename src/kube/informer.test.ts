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

  readonly client = {
    list: (_resource: unknown, options: { continue?: string }) => {
      this.asked.push(options.continue === undefined ? 'list' : `list ${options.continue}`)
      const answer = this.lists.shift() ?? refused()
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer)
    },
    watch: (_resource: unknown, options: WatchOptions) => {
      this.asked.push(`watch ${options.resourceVersion}`)
      const script = this.watches.shift() ?? 'hang'
      return script instanceof Error ? Promise.reject(script) : Promise.resolve(play(script, options.signal))
    },
  } as unknown as Pick<KubeClient, 'list' | 'watch'>
}

async function* play(script: 'hang' | readonly WatchEvent<KubeObject>[], signal: AbortSignal) {
  if (script !== 'hang') {
    yield* script
    return
  }
  if (!signal.aborted)
    await new Promise((resolve) => {
      signal.addEventListener('abort', resolve, { once: true })
    })
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
    await clock.advance(400)
    assert.equal(server.asked.length, 3)
    await clock.advance(799)
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
      yield* play('hang', signal)
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
