import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { fixtureHostFile, profileOf, runVerb } from './run-verb.ts'

type Report = {
  common: boolean
  lowered: { register: string; field: string; common: string }[]
  tolerated: { register: string; field: string; kind: string }[]
  reach: { reach: string; findings: { reason: string }[] }[]
  findings: { register: string; field: string }[]
}

const report = (hosts: readonly string[], ...args: readonly string[]): Report => {
  const { stdout, stderr } = runVerb(['baseline', '-o', 'json', ...args, '--hosts', ...hosts])
  assert.notEqual(stdout, '', stderr)
  return JSON.parse(stdout) as Report
}

const places = (entries: readonly { register: string; field: string }[]): string[] =>
  entries.map(({ register, field }) => `${register}.${field}`)

const reaches = ({ reach }: Report): string[] => reach.map((one) => one.reach)

const reasons = ({ reach }: Report): string[] =>
  reach.flatMap(({ findings }) => findings.map(({ reason }) => reason))

const NEVER_WRITABLE = ['EVT', 'FWB', 'IDS'].map((field) => `ID_AA64MMFR2_EL1.${field}`)
const GRANULES = ['TGRAN4_2', 'TGRAN64_2', 'TGRAN16_2'].map((field) => `ID_AA64MMFR0_EL1.${field}`)

/** Guests without AArch32 cannot tell, and Neoverse V2 has none: KVM does not let V1 and N1 show its zero there. */
const UNKNOWN_WITHOUT_AARCH32 = ['ID_DFR0_EL1.CopDbg']

/** KVM does not show user space a TminLine. The field is named if a probe found that guests read different ones. */
const NOT_FOR_GUESTS_WITHOUT_TAGS = 'CTR_EL0.TminLine'

const folder = mkdtempSync(join(tmpdir(), 'cpufeatures-known-'))
const dumped = (name: string): string => join(folder, `${name}-real.json`)
const probed = (name: string): string => fixtureHostFile(`${name}-6.18`)

/** A host by its name and where it is known from. */
type Host = readonly [name: string, file: string]

const PROBED: readonly Host[] = ['neoverse-n1', 'neoverse-v1', 'neoverse-n2'].map((name) => [
  name,
  probed(name),
])
const DUMPED: readonly Host[] = ['neoverse-n1', 'neoverse-v1', 'neoverse-v2'].map((name) => [
  name,
  dumped(name),
])
const ofModel = (model: string): readonly Host[] =>
  [...PROBED, ...DUMPED].filter(([name]) => name === `neoverse-${model}`)

const pairsOf = (a: readonly Host[], b: readonly Host[]): (readonly [Host, Host])[] =>
  a.flatMap((one) => b.map((other) => [one, other] as const))

const isProbed = ([, file]: Host): boolean => PROBED.some((one) => one[1] === file)

/** What is known of a pair: a dump does not tell what guests read untrapped. */
const known = (pair: readonly [Host, Host], reach: string): string =>
  pair.every(isProbed) ? reach : 'unknown'

const title = (pair: readonly [Host, Host]): string =>
  pair.map((host) => `${host[0]} ${isProbed(host) ? 'probed' : 'dumped'}`).join(' with ')

describe('on Linux 6.18', () => {
  before(() => {
    for (const [name, file] of DUMPED) {
      const dump = `test/fixtures/firecracker/${name}-6.18.json`
      writeFileSync(file, runVerb(['import', dump, '--masks', probed('neoverse-v1')]).stdout)
    }
  })
  after(() => {
    rmSync(folder, { recursive: true })
  })

  for (const pair of pairsOf(ofModel('v1'), [...ofModel('v2'), ...ofModel('n2')]))
    it(`${title(pair)}: by writing alone, and stage 2 granules meet at 1`, () => {
      const found = report(
        pair.map(([, file]) => file),
        '--midr',
        '--inert',
        'Refuse',
      )
      assert.deepEqual(
        places(found.tolerated).filter((place) => place !== NOT_FOR_GUESTS_WITHOUT_TAGS),
        pair[1][0] === 'neoverse-v2' ? UNKNOWN_WITHOUT_AARCH32 : [],
      )
      for (const place of GRANULES) {
        const common = found.lowered.filter((one) => place === `${one.register}.${one.field}`)
        assert.ok(common.length > 0 && common.every((one) => one.common === '0x1'), place)
      }
      assert.deepEqual(reaches(found), [known(pair, 'both-ways')])
    })

  for (const pair of pairsOf(ofModel('n1'), [...ofModel('v1'), ...ofModel('v2')])) {
    const hosts = pair.map(([, file]) => file)
    it(`${title(pair)}: never by writing alone, for EVT, FWB and IDS`, () => {
      const found = report(hosts, '--midr', '--inert', 'Refuse')
      assert.equal(found.common, false)
      assert.deepEqual(places(found.findings), NEVER_WRITABLE)
    })

    it(`${title(pair)}: both ways with inert differences and FEAT_IDST, where MIDR is given and the counters agree`, () => {
      const tolerant = ['--tolerate', 'FEAT_IDST']
      const found = report(hosts, ...tolerant, '--midr')
      assert.deepEqual(
        places(found.tolerated),
        pair[1][0] === 'neoverse-v2' ? [...UNKNOWN_WITHOUT_AARCH32, ...NEVER_WRITABLE] : NEVER_WRITABLE,
      )
      assert.deepEqual(reaches(found), [known(pair, 'both-ways')])
      const ownMidr = report(hosts, ...tolerant)
      assert.deepEqual(reaches(ownMidr), ['never'])
      assert.ok(reasons(ownMidr).includes('ImplementationIdDiffers'))
    })
  }

  it('Cortex-A72 with Neoverse N1: one way only, with inert differences and a surplus of half precision', () => {
    const hosts = [probed('cortex-a72'), probed('neoverse-n1')]
    assert.equal(report(hosts, '--midr').common, false)
    const found = report(hosts, '--midr', '--surplus')
    assert.deepEqual(reaches(found), ['one-way'])
    assert.deepEqual(
      found.tolerated.filter(({ kind }) => kind === 'Surplus').map(({ field }) => field),
      ['AdvSIMD', 'FP'],
    )
  })

  it('nobody moves between counters of 121.875 MHz and 1.05 GHz, the same CPU neither', () => {
    const withCounter = ([name, file]: Host, counterFrequency: number): string => {
      const changed = join(folder, `${name}-${counterFrequency}.json`)
      const document = JSON.parse(readFileSync(file, 'utf8')) as object
      writeFileSync(changed, JSON.stringify({ ...document, counterFrequency, dczid: '0x4' }))
      return changed
    }
    const everything = ['--midr', '--surplus', '--tolerate', 'FEAT_IDST']
    for (const [a, b] of [
      ...pairsOf(ofModel('v1'), ofModel('v1')),
      ...pairsOf(ofModel('v1'), ofModel('n2')),
    ]) {
      const found = report([withCounter(a, 121_875_000), withCounter(b, 1_050_000_000)], ...everything)
      assert.deepEqual(reaches(found), ['never'], title([a, b]))
      assert.ok(reasons(found).includes('CounterFrequencyDiffers'))
    }
  })

  it('verdicts about dumps are unproven, with masks too, and those about hosts that were tried are not', () => {
    const spec = profileOf({ base: { host: {} }, features: [{ name: 'FEAT_LRCPC', state: 'Disabled' }] })
    const hosts = [...PROBED, ...DUMPED].map(([, file]) => file)
    const { status, stdout } = runVerb(['check', '-o', 'json', '-f', '-', '--hosts', ...hosts], spec)
    assert.equal(status, 1)
    const { classes } = JSON.parse(stdout) as { classes: { verdict: string; basis: string }[] }
    assert.deepEqual(
      classes.map(({ verdict, basis }) => [verdict, basis]),
      [...PROBED.map(() => ['compatible', 'trials']), ...DUMPED.map(() => ['unproven', 'rules'])],
    )
  })
})
