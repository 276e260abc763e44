import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { LAUNCH_OUTCOMES } from '../../src/launch/record/render-launch-record.ts'
import { METRIC_TABLE } from '../../src/observability/metric-table.ts'
import { LAB_PATHS } from '../harness/lab-paths.ts'
import { ALERTS } from './alert-rules.ts'

const RUNBOOKS = join(LAB_PATHS.root, 'docs/runbooks')

/** A histogram has more names than the table. */
const METRICS = new Set(['up', ...Object.keys(METRIC_TABLE)])

describe('the alerts of deploy/monitoring', () => {
  it('ask for metrics that there are', () => {
    const wrong = ALERTS.flatMap(({ alert, expr }) =>
      (expr.match(/\b(cpufeatures_[a-z_]+|up)\b(?=[{[)\s=<>])/g) ?? [])
        .filter((name) => !METRICS.has(name))
        .map((name) => `${alert}: ${name}`),
    )
    assert.deepEqual(wrong, [])
    for (const { alert, expr } of ALERTS) assert.match(expr, /cpufeatures_|up\{/, alert)
  })

  it('have a severity and a summary', () => {
    for (const { alert, labels, annotations } of ALERTS) {
      assert.match(labels.severity, /^(critical|warning)$/, alert)
      assert.match(annotations.summary, /\.$/, alert)
    }
  })

  it('for a launch have a runbook that explains each outcome for which one fires', () => {
    const { expr = '' } = ALERTS.find(({ alert }) => alert === 'CpuFeaturesLaunchRefused') ?? {}
    const silent = /outcome!~"([^"]+)"/.exec(expr)?.[1]?.split('|') ?? []
    assert.ok(silent.length > 0)
    const text = readFileSync(join(RUNBOOKS, 'CpuFeaturesLaunchRefused.md'), 'utf8')
    const alerting = Object.keys(LAUNCH_OUTCOMES).filter((outcome) => !silent.includes(outcome))
    assert.deepEqual(
      alerting.filter((outcome) => !text.includes(`- \`${outcome}\`: `)),
      [],
    )
  })

  it('have a runbook each, with the same parts, and there is none beside', () => {
    const files = readdirSync(RUNBOOKS).filter((name) => name !== 'README.md')
    assert.deepEqual(files.sort(), ALERTS.map(({ alert }) => `${alert}.md`).sort())
    const index = readFileSync(join(RUNBOOKS, 'README.md'), 'utf8')
    for (const file of files) {
      const text = readFileSync(join(RUNBOOKS, file), 'utf8')
      const parts = [...text.matchAll(/^## (.*)$/gm)].map(([, part]) => part)
      assert.deepEqual(parts, [
        ...['What you see', 'What it means', 'Why it happens', 'What to do'],
        'How you know that it is over',
      ])
      assert.ok(index.includes(`(${file})`), file)
    }
  })
})
