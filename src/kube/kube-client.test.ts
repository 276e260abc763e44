import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach, describe, it } from 'node:test'
import { ManualClock } from '../../test/doubles/manual-clock.ts'
import { systemClock } from '../runtime/clock.ts'
import { ApiError } from './api-error.ts'
import { createKubeClient } from './create-kube-client.ts'
import type { KubeClient } from './kube-client.ts'
import type { KubeObject } from './kube-object.ts'
import { defineResource } from './resource.ts'

const things = defineResource<KubeObject>({
  apiVersion: 'g.dev/v1',
  kind: 'Thing',
  plural: 'things',
  namespaced: true,
})
const REF = { name: 'a', namespace: 'ns' }

describe('the client', () => {
  let folder = ''
  let answer: (request: IncomingMessage, response: ServerResponse) => void = () => undefined
  const seen: string[] = []
  const server = createServer((request, response) => {
    seen.push(`${request.method ?? ''} ${request.url ?? ''} ${request.headers.authorization ?? ''}`)
    answer(request, response)
  })

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kube-client-'))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    await writeFile(join(folder, 'token'), 'first\n')
    const config = {
      clusters: [
        { name: 'c', cluster: { server: `http://127.0.0.1:${port}`, 'insecure-skip-tls-verify': true } },
      ],
      users: [{ name: 'u', user: { tokenFile: 'token' } }],
      contexts: [{ name: 'x', context: { cluster: 'c', user: 'u', namespace: 'ns' } }],
      'current-context': 'x',
    }
    await writeFile(join(folder, 'config'), JSON.stringify(config))
  })
  beforeEach(() => {
    seen.length = 0
  })
  after(async () => {
    server.close()
    server.closeAllConnections()
    await rm(folder, { recursive: true })
  })

  const withClient = async (
    use: (client: KubeClient) => Promise<void>,
    clock = systemClock,
  ): Promise<void> => {
    const client = await createKubeClient({ kubeconfig: join(folder, 'config'), clock, fieldManager: 'test' })
    try {
      await use(client)
    } finally {
      client.close()
    }
  }

  it('comes back after the time that a 429 names', async () => {
    let tries = 0
    answer = (_request, response) => {
      if (++tries < 3) response.writeHead(429, { 'retry-after': '1' }).end('busy')
      else response.end(JSON.stringify({ metadata: { name: 'a' } }))
    }
    const startedAt = performance.now()
    await withClient(async (client) => {
      assert.equal((await client.get(things, REF)).metadata.name, 'a')
    })
    assert.equal(tries, 3)
    assert.ok(performance.now() - startedAt >= 1990)
  })

  it('does not wait for a 429 beyond the deadline of the call', async () => {
    answer = (_request, response) => response.writeHead(429, { 'retry-after': '600' }).end('busy')
    const timeoutSeconds = 300
    const startedAt = performance.now()
    await withClient(async (client) => {
      const failure = client.get(things, REF, { timeoutSeconds })
      await assert.rejects(failure, { status: 429, reason: 'TooManyRequests', retryAfterSeconds: 600 })
    })
    assert.equal(seen.length, 1)
    assert.ok(performance.now() - startedAt < timeoutSeconds * 1000)
  })

  it('ends all calls of a part of the program at once, those under way and later ones', async () => {
    const arrived = Promise.withResolvers<undefined>()
    answer = () => {
      arrived.resolve(undefined)
    }
    await withClient(async (client) => {
      const stop = new AbortController()
      const part = client.until(stop.signal)
      const underWay = assert.rejects(part.get(things, REF), { status: 0, reason: 'Canceled' })
      await arrived.promise
      stop.abort()
      await underWay
      await assert.rejects(part.patchMerge(things, REF, {}), { status: 0 })
      assert.equal(seen.length, 1)
      answer = (_request, response) => response.end('{"metadata":{"name":"a"}}')
      assert.equal((await client.get(things, REF)).metadata.name, 'a')
    })
  })

  it('gives up at the deadline where no answer comes', async () => {
    answer = () => undefined
    await withClient(async (client) => {
      await assert.rejects(client.get(things, REF, { timeoutSeconds: 0.2 }), {
        status: 0,
        reason: 'DeadlineExceeded',
      })
    })
  })

  it('reads a rotated token after a 401, and after a minute without one', async (t) => {
    // client-node's token file provider looks at Date.
    t.mock.timers.enable({ apis: ['Date'], now: Date.now() })
    let token = 'first'
    answer = (request, response) => {
      const good = request.headers.authorization === `Bearer ${token}`
      response.writeHead(good ? 200 : 401).end(good ? '{"metadata":{"name":"a"}}' : 'no')
    }
    const clock = new ManualClock()
    await withClient(async (client) => {
      await client.get(things, REF)
      token = 'second'
      await writeFile(join(folder, 'token'), token)
      await client.get(things, REF)
      assert.deepEqual(
        seen.map((line) => line.split(' ').at(-1)),
        ['first', 'first', 'second'],
      )
      await writeFile(join(folder, 'token'), 'third')
      token = 'third'
      await clock.advance(61_000)
      t.mock.timers.tick(61_000)
      await client.get(things, REF)
      assert.equal(seen.length, 4)
      await assert.rejects(
        (async () => {
          token = 'unknown'
          await client.get(things, REF)
        })(),
        { status: 401 },
      )
    }, clock)
  })

  it('says what the server said, and which request it was', async () => {
    const status = { kind: 'Status', reason: 'Invalid', message: 'spec.base: Required value', code: 422 }
    answer = (_request, response) => response.writeHead(422).end(JSON.stringify(status))
    await withClient(async (client) => {
      const failure = client.create(things, { metadata: REF }).catch((error: unknown) => error)
      const error = await failure
      assert.ok(error instanceof ApiError)
      assert.equal(error.reason, 'Invalid')
      assert.match(
        error.message,
        /^POST \/apis\/g\.dev\/v1\/namespaces\/ns\/things\?fieldManager=test&fieldValidation=Strict: spec\.base/,
      )
    })
  })

  it('gets along with events cut anywhere, also within a character', async () => {
    const event = `${JSON.stringify({ type: 'ADDED', object: { metadata: { name: 'ä', resourceVersion: '1' } } })}\n`
    const bytes = Buffer.from(event + event)
    answer = (_request, response) => {
      const send = async () => {
        for (const byte of bytes) {
          response.write(Buffer.of(byte))
          await new Promise((resolve) => setImmediate(resolve))
        }
        response.end()
      }
      void send()
    }
    await withClient(async (client) => {
      const names: string[] = []
      const signal = new AbortController().signal
      const watch = { resourceVersion: '0', timeoutSeconds: 10, signal }
      for await (const { object } of await client.watch(things, watch)) names.push(object.metadata.name)
      assert.deepEqual(names, ['ä', 'ä'])
    })
  })
})
