import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { ManualClock } from '../../test/doubles/manual-clock.ts'
import { systemClock } from '../runtime/clock.ts'
import { ClusterAccess } from './cluster-access.ts'
import { createKubeClient } from './create-kube-client.ts'
import { defineResource } from './resource.ts'

const nodes = defineResource({ apiVersion: 'v1', kind: 'Node', plural: 'nodes', namespaced: false })

const config = (user: object, cluster: object = {}) => ({
  clusters: [
    { name: 'c', cluster: { server: 'https://127.0.0.1:1', 'certificate-authority': 'ca.crt', ...cluster } },
  ],
  users: [{ name: 'u', user }],
  contexts: [
    { name: 'x', context: { cluster: 'c', user: 'u', namespace: 'ns' } },
    { name: 'nobody', context: { cluster: 'c' } },
    { name: 'broken', context: { cluster: 'c', user: 'gone' } },
  ],
  'current-context': 'x',
})

describe('access to a cluster', () => {
  let folder = ''
  const at = (name: string) => join(folder, name)
  const write = async (name: string, value: object | string) => {
    await writeFile(at(name), typeof value === 'string' ? value : JSON.stringify(value))
    return at(name)
  }
  const open = (kubeconfig: string, context?: string) =>
    ClusterAccess.open({ kubeconfig, context }, new ManualClock())

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cluster-access-'))
    await write('ca.crt', 'the CA')
  })
  after(() => rm(folder, { recursive: true }))

  it('takes paths in a kubeconfig relative to it, and applies the CA also where a context names no user', async () => {
    const path = await write('plain', config({ token: 't' }))
    const access = await open(path)
    assert.equal(access.namespace, 'ns')
    const options = await access.requestOptions()
    assert.deepEqual([String(options.ca), options.headers], ['the CA', { Authorization: 'Bearer t' }])
    const anonymous = await (await open(path, 'nobody')).requestOptions()
    assert.deepEqual([String(anonymous.ca), anonymous.headers], ['the CA', {}])
  })

  it('lets the first of several files that has a name win', async () => {
    const first = await write('first', { users: [{ name: 'u', user: { token: 'first' } }] })
    const second = await write('second', config({ token: 'second' }))
    const access = await open([first, second].join(delimiter))
    assert.deepEqual((await access.requestOptions()).headers, { Authorization: 'Bearer first' })
  })

  it('says in one line which file or entry is at fault', async () => {
    const path = await write('faulty', config({ token: 't' }))
    const [yaml, empty] = [await write('yaml', 'users: ['), await write('empty', '')]
    const unnamed = await write('unnamed', { users: [{ user: {} }] })
    const noCa = await write('no-ca', config({}, { 'certificate-authority': 'no' }))
    const cases: readonly [() => Promise<unknown>, RegExp][] = [
      [() => open(path, 'y'), /^Error: kubeconfig .*faulty has no context "y"; it has: x, nobody, broken$/],
      [() => open(path, 'broken'), /faulty: context "broken" names user "gone", which it has not$/],
      [() => open(at('absent')), /^Error: kubeconfig .*absent: ENOENT/],
      [() => open(yaml), /^Error: kubeconfig .*yaml: .* at line 1, column 9$/],
      [() => open(empty), /^Error: kubeconfig .*empty: Invalid input: expected object/],
      [() => open(unnamed), /^Error: kubeconfig .*unnamed: .* at users\[0\]\.name$/],
      [() => open(noCa), /^Error: context "x" \(user "u"\): ENOENT.*no'$/],
      [() => ClusterAccess.open({}, systemClock), /no cluster is configured/],
    ]
    for (const [opening, message] of cases) {
      await assert.rejects(opening(), (error) => {
        assert.match(String(error), message)
        assert.doesNotMatch(String(error), /\n/)
        return true
      })
    }
  })

  it('runs a credential plugin for a token or a certificate, and again when told that it is no longer taken', async () => {
    const plugin = await write(
      'plugin.mjs',
      `import fs from 'node:fs'\nfs.appendFileSync('${at('runs')}', '.')\n`,
    )
    const status = { token: 't', clientCertificateData: 'CERT', clientKeyData: 'KEY' }
    const source = `${await readFile(plugin, 'utf8')}console.log(${JSON.stringify(JSON.stringify({ status }))})`
    await writeFile(plugin, source)
    const access = await open(
      await write('exec', config({ exec: { command: process.execPath, args: [plugin] } })),
    )
    const { headers, cert, key } = await access.requestOptions()
    assert.deepEqual(
      { headers, cert, key },
      { headers: { Authorization: 'Bearer t' }, cert: 'CERT', key: 'KEY' },
    )
    assert.equal(await readFile(at('runs'), 'utf8'), '.')
    access.invalidate()
    await Promise.all([access.requestOptions(), access.requestOptions()])
    assert.equal(await readFile(at('runs'), 'utf8'), '..')
    await writeFile(plugin, 'process.exit(1)')
    access.invalidate()
    await assert.rejects(access.requestOptions())
    await writeFile(plugin, source)
    assert.equal((await access.requestOptions()).cert, 'CERT')
    const failing = config({
      exec: { command: process.execPath, args: ['-e', 'console.error("log in first");process.exit(3)'] },
    })
    await assert.rejects(open(await write('failing', failing)), {
      message: 'context "x" (user "u"): log in first',
    })
  })

  it('uses the service account of its pod, its token re-read each minute', async (t) => {
    t.mock.timers.enable({ apis: ['Date'], now: Date.now() })
    const account = at('var/run/secrets/kubernetes.io/serviceaccount')
    await mkdir(account, { recursive: true })
    const put = (name: string, text: string) => writeFile(join(account, name), text)
    await Promise.all([put('ca.crt', 'pod CA'), put('namespace', 'pod-ns\n'), put('token', 'first')])
    const kept = { ...process.env }
    Object.assign(process.env, { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '443' })
    try {
      const clock = new ManualClock()
      const access = await ClusterAccess.open({ inCluster: { root: folder } }, clock)
      assert.deepEqual([access.server, access.namespace], ['https://[fd00::1]:443', 'pod-ns'])
      assert.equal(String((await access.requestOptions()).ca), 'pod CA')
      await put('token', 'second')
      const tokenAfter = async (ms: number) => {
        t.mock.timers.tick(ms)
        await clock.advance(ms)
        return (await access.requestOptions()).headers['Authorization']
      }
      assert.equal(await tokenAfter(30_000), 'Bearer first')
      assert.equal(await tokenAfter(31_000), 'Bearer second')
      await assert.rejects(ClusterAccess.open({ inCluster: { root: at('none') } }, clock), /none.*ca\.crt/)
    } finally {
      process.env = kept
    }
  })

  it('goes through the proxy that the cluster names', async () => {
    const server = createServer((request, response) => {
      response.end(JSON.stringify({ metadata: { name: request.headers.authorization } }))
    }).listen(0, '127.0.0.1')
    const tunnelled: string[] = []
    const proxy = createServer().listen(0, '127.0.0.1')
    proxy.on('connect', (request, socket) => {
      tunnelled.push(request.url ?? '')
      const { port } = server.address() as AddressInfo
      const onward = connect(port, '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n')
        socket.pipe(onward).pipe(socket)
      })
    })
    await Promise.all([once(server, 'listening'), once(proxy, 'listening')])
    const { port } = proxy.address() as AddressInfo
    const cluster = {
      server: 'http://behind.invalid:80',
      'insecure-skip-tls-verify': true,
      'proxy-url': `http://127.0.0.1:${port}`,
    }
    const kubeconfig = await write('proxied', config({ token: 't' }, cluster))
    const client = await createKubeClient({ kubeconfig, clock: systemClock, fieldManager: 'test' })
    assert.equal((await client.get(nodes, { name: 'a' })).metadata.name, 'Bearer t')
    assert.deepEqual(tunnelled, ['behind.invalid:80'])
    client.close()
    for (const each of [server, proxy]) each.close().closeAllConnections()
  })
})
