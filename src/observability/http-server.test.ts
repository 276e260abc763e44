import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { CpuFeaturesError } from './cpu-features-error.ts'
import { HttpServer, parseAddress } from './http-server.ts'
import { Metrics } from './metrics.ts'
import { METRIC_TABLE, type MetricDeclaration } from './metric-table.ts'

const BUILD = { version: '1', component: 'test' }

describe('the health and metrics server', () => {
  it('is healthy when it listens, and ready when nothing is missing', async () => {
    const missing = ['nodes']
    const metrics = new Metrics(BUILD)
    metrics.increment('cpufeatures_reconcile_total', { controller: 'pod', result: 'success' }, 3)
    const server = new HttpServer({ address: '127.0.0.1:0', metrics, notReady: () => missing })
    const port = await server.start()
    const get = async (path: string) => {
      const response = await fetch(`http://127.0.0.1:${port}${path}`)
      return { status: response.status, text: await response.text() }
    }
    try {
      assert.equal((await get('/healthz')).status, 200)
      assert.deepEqual(await get('/readyz'), { status: 503, text: 'not ready: nodes\n' })
      missing.length = 0
      assert.equal((await get('/readyz')).status, 200)
      const exposed = await get('/metrics')
      assert.match(exposed.text, /^cpufeatures_build_info\{version="1",component="test"\} 1$/m)
      assert.match(exposed.text, /^cpufeatures_reconcile_total\{controller="pod",result="success"\} 3$/m)
      assert.equal((await get('/other')).status, 404)
      const second = new HttpServer({ address: `127.0.0.1:${port}`, metrics, notReady: () => [] })
      await assert.rejects(second.start(), { code: 'LISTEN' })
    } finally {
      await server.stop()
    }
  })

  it('reads addresses with and without a host', () => {
    assert.deepEqual(parseAddress(':8080'), { host: '', port: 8080 })
    assert.deepEqual(parseAddress('[::1]:0'), { host: '::1', port: 0 })
    for (const wrong of ['8080', 'host:', 'host:70000', '::1:80'])
      assert.throws(() => parseAddress(wrong), CpuFeaturesError)
  })
})

describe('the table of metrics', () => {
  it('holds names as they are agreed: counters in _total, histograms in _seconds', () => {
    for (const [name, { kind }] of Object.entries<MetricDeclaration>(METRIC_TABLE)) {
      assert.match(name, /^cpufeatures_[a-z]+_[a-z_]+$/)
      assert.equal(kind === 'counter', name.endsWith('_total'), name)
      assert.equal(kind === 'histogram', name.endsWith('_seconds'), name)
    }
  })
})
