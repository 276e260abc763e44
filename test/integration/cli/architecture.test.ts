import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { fixtureHostFile, profileOf, runVerb } from './run-verb.ts'

const HOSTS = ['neoverse-n1-6.18', 'neoverse-v1-6.18', 'neoverse-n2-6.18'].map(fixtureHostFile)

const profile = (version: string): object =>
  profileOf({
    base: { architecture: { version } },
    implementation: { midr: 'FromBaseline' },
    tolerate: { features: ['FEAT_IDST'] },
  })

describe('base architecture', () => {
  it('compiles with the nodes that have the version, and says what stays and who is left out', () => {
    const all = runVerb(['compile', '-f', '-', '--hosts', ...HOSTS], profile('v8.2-A'))
    assert.equal(all.status, 0, all.stderr)
    assert.match(all.stdout, /kind: CpuFeatureProfileRevision/)
    assert.match(all.stderr, /guests see more than v8\.2-A, .*FEAT_FP16/)
    const some = runVerb(['compile', '-f', '-', '--hosts', ...HOSTS], profile('v8.4-A'))
    assert.equal(some.status, 0, some.stderr)
    assert.match(some.stderr, /it lacks .*FEAT_DIT.* of v8\.4-A/)
    const one = runVerb(['compile', '-f', '-', '--hosts', ...HOSTS.slice(0, 1)], profile('v8.4-A'))
    assert.equal(one.status, 1)
    assert.match(one.stderr, /NoMember: no node can show v8\.4-A/)
  })

  it('fits the nodes that have the version, and VMs move between them', () => {
    const { status, stdout, stderr } = runVerb(
      ['check', '-f', '-', '-o', 'json', '--hosts', ...HOSTS],
      profile('v8.2-A'),
    )
    assert.equal(status, 0, stderr)
    const report = JSON.parse(stdout) as { compatible: boolean; reach: { reach: string }[] }
    assert.equal(report.compatible, true)
    assert.deepEqual(
      report.reach.map(({ reach }) => reach),
      ['both-ways', 'both-ways', 'both-ways'],
    )
  })

  it('is explained with hosts, and asks for them', () => {
    const folder = mkdtempSync(join(tmpdir(), 'architecture-'))
    try {
      const file = join(folder, 'profile.json')
      writeFileSync(file, JSON.stringify(profile('v8.2-A')))
      const without = runVerb(['explain', file])
      assert.equal(without.status, 2)
      assert.match(without.stderr, /base architecture is computed from hosts; give --hosts or --nodes/)
      const explained = runVerb(['explain', file, '--hosts', ...HOSTS, '-o', 'json'])
      assert.equal(explained.status, 0, explained.stderr)
      const { fields } = JSON.parse(explained.stdout) as { fields: { field: string; value: string }[] }
      const value = (name: string) => fields.find(({ field }) => field === name)?.value
      assert.deepEqual([value('ATOMIC'), value('SHA2')], ['0x2', '0x0'])
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
