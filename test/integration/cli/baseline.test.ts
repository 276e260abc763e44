import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parse } from 'yaml'
import { fixtureHostFile, profileOf, runVerb } from './run-verb.ts'

const A72 = fixtureHostFile('cortex-a72-6.18')
const N1 = fixtureHostFile('neoverse-n1-6.18')
const V1 = fixtureHostFile('neoverse-v1-6.18')
const N2 = fixtureHostFile('neoverse-n2-6.18')

type Report = {
  common: boolean
  lowered: { register: string; field: string; hosts: string[] }[]
  tolerated: { register: string; field: string; kind: string }[]
  reach: { from: string; to: string; reach: string }[]
  largestSubsets: string[][]
  findings: { register: string; field: string; message: string }[]
}

const report = (...args: readonly string[]): { status: number | null; report: Report } => {
  const { status, stdout } = runVerb(['baseline', '-o', 'json', '--hosts', ...args])
  return { status, report: JSON.parse(stdout) as Report }
}

const reaches = ({ reach }: Report): string[] => reach.map((one) => one.reach)

describe('cpufeatures baseline', () => {
  it('levels Neoverse V1 and N2 by writing alone, both ways', () => {
    const { status, report: found } = report(V1, N2, '--midr', '--inert', 'Refuse')
    assert.equal(status, 0)
    assert.deepEqual(reaches(found), ['both-ways'])
    const granule = found.lowered.filter(({ field }) => field === 'TGRAN4_2')
    assert.deepEqual(granule.flatMap(({ hosts }) => hosts).sort(), ['neoverse-n2-6.18', 'neoverse-v1-6.18'])
  })

  it('never levels Neoverse N1 and V1 by writing alone, and names EVT, FWB and IDS', () => {
    const { status, report: found } = report(N1, V1, '--inert', 'Refuse')
    assert.equal(status, 1)
    assert.equal(found.common, false)
    assert.deepEqual(
      found.findings.map(({ register, field }) => `${register}.${field}`),
      ['ID_AA64MMFR2_EL1.EVT', 'ID_AA64MMFR2_EL1.FWB', 'ID_AA64MMFR2_EL1.IDS'],
    )
  })

  it('levels them with inert differences and FEAT_IDST, both ways only where MIDR is given', () => {
    const tolerant = [N1, V1, '--tolerate', 'FEAT_IDST']
    const { status, report: found } = report(...tolerant, '--midr')
    assert.equal(status, 0)
    assert.deepEqual(
      found.tolerated.map(({ field, kind }) => `${field} ${kind}`),
      ['EVT Inert', 'FWB Inert', 'IDS Named'],
    )
    assert.deepEqual(reaches(found), ['both-ways'])
    assert.deepEqual(reaches(report(...tolerant).report), ['never'])
  })

  it('moves Cortex-A72 to Neoverse N1 one way only', () => {
    const { report: found } = report(A72, N1, '--midr', '--surplus')
    assert.deepEqual(
      found.reach.map(({ from, to, reach }) => `${from} ${reach} ${to}`),
      ['cortex-a72-6.18 one-way neoverse-n1-6.18'],
    )
  })

  it('names the largest sets of hosts that do go together', () => {
    const { report: found } = report(V1, N1, N2, '--midr')
    assert.deepEqual(found.largestSubsets, [['neoverse-v1-6.18', 'neoverse-n2-6.18'], ['neoverse-n1-6.18']])
  })

  it('prints a view that a profile takes as its base, and that comes to the same bits', () => {
    const hosts = ['--hosts', V1, N2]
    const { stdout } = runVerb(['baseline', '-o', 'yaml', '--midr', ...hosts])
    const { view } = parse(stdout) as { view: object }
    const bits = (spec: object): unknown => {
      const { status, stdout: revision, stderr } = runVerb(['compile', '-f', '-', ...hosts], profileOf(spec))
      assert.equal(status, 0, stderr)
      return (parse(revision) as { spec: { registers: unknown } }).spec.registers
    }
    const midr = { implementation: { midr: 'FromBaseline' } }
    assert.deepEqual(bits({ base: { view }, ...midr }), bits({ base: { nodes: {} }, ...midr }))
  })
})

describe('cpufeatures completion', () => {
  for (const shell of ['bash', 'zsh', 'fish'])
    it(`names every verb for ${shell}`, () => {
      const { status, stdout } = runVerb(['completion', shell])
      assert.equal(status, 0)
      for (const verb of ['probe', 'explain', 'baseline', 'predict', 'run', 'supervise'])
        assert.match(stdout, new RegExp(`\\b${verb}\\b`))
    })
})
