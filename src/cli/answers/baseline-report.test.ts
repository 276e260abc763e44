import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fixtureHosts } from '../../../test/fixtures/host-documents.ts'
import { cpuFeatureProfileSpec } from '../../api/cpu-feature-profile.ts'
import type { HostDocument } from '../../api/host-document.ts'
import { baselineReport } from './baseline-report.ts'
import { namedClasses } from '../input/named-class.ts'

const HOSTS = fixtureHosts()

const EVERYTHING_TOLERATED = cpuFeatureProfileSpec.parse({
  base: { nodes: {} },
  tolerate: { features: ['FEAT_IDST'], surplus: 'AcceptOneWay' },
})

const host = (name: string): HostDocument => HOSTS.get(name) ?? assert.fail(name)

const reportOf = (hosts: Readonly<Record<string, HostDocument>>) =>
  baselineReport(
    EVERYTHING_TOLERATED,
    namedClasses(Object.entries(hosts).map(([name, document]) => ({ name, host: document }))),
  )

const common = (hosts: Readonly<Record<string, HostDocument>>) => {
  const report = reportOf(hosts)
  return report.kind === 'common' ? report : assert.fail(report.message)
}

describe('the baseline of host classes', () => {
  it('lets no pair of hosts move between counters of 121.875 MHz and 1.05 GHz', () => {
    const names = [...HOSTS.keys()]
    for (const [a, b] of names.flatMap((one, index) =>
      names.slice(index + 1).map((other) => [one, other] as const),
    )) {
      const { pairs, leftOut } = common({
        [a]: { ...host(a), counterFrequency: 121_875_000 },
        [b]: { ...host(b), counterFrequency: 1_050_000_000 },
      })
      assert.equal(leftOut.length, 1)
      assert.deepEqual(
        pairs.map(({ reach }) => reach),
        ['never'],
        `${a} with ${b}`,
      )
      assert.ok(pairs[0]?.findings.some(({ reason }) => reason === 'CounterFrequencyDiffers'))
    }
  })

  it('takes hosts in that do not tell what guests read untrapped, and leaves their reach unknown', () => {
    const dump = { ...host('neoverse-v1-6.18') }
    delete dump.counterFrequency
    delete dump.dczid
    const { members, pairs } = common({ probed: host('neoverse-v1-7.3'), dump })
    assert.equal(members.length, 2)
    assert.deepEqual(
      pairs.map(({ reach, findings }) => [reach, findings.map(({ reason }) => reason)]),
      [['unknown', ['CounterFrequencyUnknown', 'ZeroBlockSizeUnknown']]],
    )
  })

  it('is not asked for with a feature that nobody knows', () => {
    const spec = cpuFeatureProfileSpec.parse({ base: { nodes: {} }, tolerate: { features: ['FEAT_FOO'] } })
    assert.throws(() => baselineReport(spec, []), {
      name: 'InputError',
      message: /^--tolerate: FEAT_FOO is not/,
    })
  })

  it('of documents without registers is none, and no set of them has one', () => {
    const untold = { ...host('neoverse-v1-6.18'), configurations: [] }
    delete untold.registerList
    const report = reportOf({ a: { ...untold, guestView: { MIDR_EL1: untold.cpu.midr } } })
    assert.ok(report.kind === 'nothing-in-common')
    assert.match(report.message, /has no ID register/)
    assert.deepEqual(report.subsets, [])
  })

  it('names who shows what of a field that keeps hosts apart, and whom a newer kernel would help', () => {
    // RAS is in the way, which 6.12 does not let anyone change.
    const strict = baselineReport(
      cpuFeatureProfileSpec.parse({ base: { nodes: {} }, tolerate: { features: ['FEAT_IDST'] } }),
      namedClasses(
        ['neoverse-n1-6.18', 'neoverse-v1-6.18', 'neoverse-v1-6.12'].map((name) => ({
          name,
          host: host(name),
        })),
      ),
    )
    assert.ok(strict.kind === 'nothing-in-common')
    const [n1, v1, old] = strict.classes.map((one) => one.class)
    const remedy = strict.findings.find(({ field }) => field === 'RAS')?.remedy ?? ''
    assert.match(remedy, new RegExp(`bring ${old} to a kernel whose KVM lets the field be changed`))
    assert.match(remedy, new RegExp(`0x1 on ${n1}; 0x2 on (${old}, ${v1}|${v1}, ${old})`))
    assert.doesNotMatch(strict.findings.map((one) => one.remedy).join(), /bring .*FEAT_IDST/)
  })
})
