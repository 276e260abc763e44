import assert from 'node:assert/strict'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { fixtureHostFile, profileOf, runVerb } from './run-verb.ts'

const profile = (sve: string): object => profileOf({ base: { host: {} }, vcpuFeatures: { sve } }, 'no-sve')

const check = (input: object, ...args: readonly string[]) => runVerb(['check', '-f', '-', ...args], input)

const V1 = fixtureHostFile('neoverse-v1-6.18')
const N1 = fixtureHostFile('neoverse-n1-6.18')

describe('cpufeatures check', () => {
  it('ends with 0 where every host fits', () => {
    const { status, stdout } = check(profile('Disabled'), '--hosts', V1, N1)
    assert.equal(status, 0)
    assert.match(stdout, /neoverse-v1-6\.18 .*compatible/)
  })

  it('ends with 1 where one does not, and gives its findings with a message', () => {
    const { status, stdout } = check(profile('Required'), '--hosts', V1, N1, '-o', 'json')
    assert.equal(status, 1)
    const report = JSON.parse(stdout) as {
      compatible: boolean
      classes: { hosts: string[]; verdict: string; findings: { message: string }[] }[]
    }
    assert.equal(report.compatible, false)
    const verdicts = report.classes.map(({ hosts, verdict }) => [hosts[0], verdict]).sort()
    assert.deepEqual(verdicts, [
      ['neoverse-n1-6.18', 'incompatible'],
      ['neoverse-v1-6.18', 'compatible'],
    ])
    const [finding] = report.classes.flatMap(({ findings }) => findings)
    assert.match(finding?.message ?? '', /sve/i)
  })

  it('says once what is wrong on several host classes alike', () => {
    const entry = { register: 'ID_AA64ISAR0_EL1', field: 'RNDR', value: 9 }
    const wrong = profileOf({ base: { host: {} }, registers: [entry] })
    const { stdout } = check(
      wrong,
      '--hosts',
      V1,
      fixtureHostFile('neoverse-v1-7.3'),
      fixtureHostFile('neoverse-v1-6.12'),
    )
    assert.equal(stdout.match(/wanted 0x9/g)?.length, 1)
  })

  it('names two files of one base name apart', () => {
    const folder = mkdtempSync(join(tmpdir(), 'cpufeatures-names-'))
    for (const [name, file] of [
      ['old', V1],
      ['new', N1],
    ] as const) {
      mkdirSync(join(folder, name))
      copyFileSync(file, join(folder, name, 'host.json'))
    }
    const paths = ['old', 'new'].map((name) => join(folder, name, 'host.json'))
    const { stdout } = check(profile('Disabled'), '--hosts', ...paths)
    assert.match(stdout, / old\/host .*\n.* new\/host /)
    assert.match(runVerb(['diff', ...paths]).stdout, /FIELD +old\/host +new\/host/)
    rmSync(folder, { recursive: true })
  })

  it('ends with 2 and names the place of wrong input', () => {
    const { status, stderr } = check(profile('Maybe'), '--hosts', V1)
    assert.equal(status, 2)
    assert.match(stderr, /spec\.vcpuFeatures\.sve/)
  })
})
