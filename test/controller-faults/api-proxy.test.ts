import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { Agent, createServer, type Server } from 'node:https'
import { get, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { after, afterEach, before, beforeEach, describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { runFolder } from '../harness/lab-paths.ts'
import { runCommand } from '../harness/process.ts'
import { requireTools } from '../harness/tools.ts'
import { ApiProxy } from './api-proxy.ts'

/** A certificate for 127.0.0.1 and its key. */
const certificate = async (): Promise<{ cert: Buffer; key: Buffer }> => {
  requireTools('openssl')
  const folder = runFolder('api-proxy')
  const [cert, key] = [join(folder, 'server.crt'), join(folder, 'server.key')]
  await runCommand([
    ...['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-noenc'],
    ...['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'],
    ...['-days', '1', '-keyout', key, '-out', cert],
  ])
  return { cert: await readFile(cert), key: await readFile(key) }
}

describe('the proxy between a controller and the API server', () => {
  let server: Server
  let proxy: ApiProxy
  let ca: Buffer
  const agent = new Agent()
  const forms = new Map<string, string>()
  /** The audit ids of the requests that the server got. */
  const got: unknown[] = []
  /** Sends an event of the watch that is open. */
  let send: (event: string) => void = () => undefined

  before(async () => {
    const { cert, key } = await certificate()
    ca = cert
    server = createServer({ cert, key }, (incoming, outgoing) => {
      got.push(incoming.headers['audit-id'])
      if (incoming.url?.includes('watch') !== true) outgoing.end('{"kind":"Pod"}')
      else {
        outgoing.flushHeaders()
        send = (event) => outgoing.write(event)
      }
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
  })

  after(() => {
    agent.destroy()
    server.closeAllConnections()
    server.close()
  })

  beforeEach(async () => {
    got.length = 0
    forms.clear()
    const { port } = server.address() as AddressInfo
    proxy = await ApiProxy.start({ server: `https://127.0.0.1:${port}`, ca, agent }, forms)
  })

  afterEach(() => proxy.stop())

  const ask = async (path: string): Promise<IncomingMessage> => {
    const [response] = (await once(get(`${proxy.url}${path}`), 'response')) as [IncomingMessage]
    return response
  }

  const textOf = async (response: IncomingMessage): Promise<string> => {
    let text = ''
    for await (const chunk of response) text += String(chunk)
    return text
  }

  const POD = '/api/v1/namespaces/default/pods/vm'

  it('passes a request on under an audit id, and keeps its form', async () => {
    assert.equal(await textOf(await ask(POD)), '{"kind":"Pod"}')
    assert.deepEqual([...forms], [[got[0], 'get pods vm']])
  })

  it('answers itself, and the API server does not get the request', async () => {
    proxy.intervene = (form) =>
      form === 'get pods vm'
        ? (exchange) => {
            exchange.refuse(429)
            return Promise.resolve()
          }
        : undefined
    const { statusCode, headers } = await ask(POD)
    assert.deepEqual([statusCode, headers['retry-after'], got], [429, '1', []])
  })

  it('closes the connection when the API server has answered', async () => {
    proxy.intervene = () => async (exchange) => {
      await exchange.forward()
      exchange.cut()
    }
    await assert.rejects(ask(POD), { code: 'ECONNRESET' })
    assert.equal(got.length, 1)
  })

  it('holds the events of a watch back, and answers other requests meanwhile', async () => {
    const watch = await ask('/api/v1/pods?watch=1')
    let seen = ''
    watch.on('data', (chunk: Buffer) => (seen += chunk.toString()))
    send('first')
    await once(watch, 'data')
    proxy.gate.close()
    send('second')
    assert.equal(await textOf(await ask(POD)), '{"kind":"Pod"}')
    await delay(100)
    assert.equal(seen, 'first')
    const more = once(watch, 'data')
    proxy.gate.open()
    await more
    assert.equal(seen, 'firstsecond')
    watch.destroy()
  })
})
