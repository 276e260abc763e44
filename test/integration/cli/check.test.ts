import assert from 'node:assert/strict'
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

  it('ends with 2 and names the place of wrong input', () => {
    const { status, stderr } = check(profile('Maybe'), '--hosts', V1)
    assert.equal(status, 2)
    assert.match(stderr, /spec\.vcpuFeatures\.sve/)
  })
})
