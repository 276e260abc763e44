import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Metrics } from './metrics.ts'

describe('Metrics', () => {
  it('shows a counter that has begun as 0, and counts from there', async () => {
    const metrics = new Metrics({ version: '0', component: 'test' })
    const shown = async () =>
      /^cpufeatures_launch_outcomes_total\{outcome="refused"\} (\d+)$/m.exec(
        (await metrics.expose()).text,
      )?.[1]
    assert.equal(await shown(), undefined)
    metrics.begin('cpufeatures_launch_outcomes_total', { outcome: 'refused' })
    assert.equal(await shown(), '0')
    metrics.increment('cpufeatures_launch_outcomes_total', { outcome: 'refused' })
    metrics.begin('cpufeatures_launch_outcomes_total', { outcome: 'refused' })
    assert.equal(await shown(), '1')
  })
})
