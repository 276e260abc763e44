import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fixtureHostFile, profileOf, runVerb } from './run-verb.ts'

const N1 = fixtureHostFile('neoverse-n1-6.18')
const V1 = fixtureHostFile('neoverse-v1-6.18')
const N2 = fixtureHostFile('neoverse-n2-6.18')

const FLEET = profileOf({ base: { nodes: {} }, implementation: { midr: 'FromBaseline' } })

describe('cpufeatures diff', () => {
  it('ends with 0 and prints nothing where nothing differs', () => {
    assert.deepEqual(runVerb(['diff', V1, V1]), { status: 0, stdout: '', stderr: '' })
  })

  it('names the fields of two hosts that differ, with what they are called', () => {
    const { status, stdout } = runVerb(['diff', N1, V1])
    assert.equal(status, 1)
    assert.match(stdout, /^ID_AA64ISAR0_EL1 +RNDR +0x0 +0x1 +FEAT_RNG, rng$/m)
    assert.match(stdout, /^KVM gives sve +no +yes$/m)
    assert.ok(stdout.split('\n').every((line) => line.length <= 100))
  })

  it('is the other way round the other way round', () => {
    const fields = (a: string, b: string) =>
      (
        JSON.parse(runVerb(['diff', a, b, '-o', 'json']).stdout) as {
          fields: { register: string; field: string; a: string; b: string }[]
        }
      ).fields.map(({ register, field, ...values }) => [register, field, values.a, values.b])
    assert.deepEqual(
      fields(N1, V1),
      fields(V1, N1).map(([register, field, a, b]) => [register, field, b, a]),
    )
  })

  it('shows what a launch of a revision would change on a host, and no more', () => {
    const { stdout: revision } = runVerb(['compile', '-f', '-', '--hosts', V1, N2], FLEET)
    const { status, stdout } = runVerb(['diff', V1, '-', '-o', 'json'], revision)
    assert.equal(status, 1)
    const { fields, facts } = JSON.parse(stdout) as {
      fields: { register: string; field: string }[]
      facts: object[]
    }
    assert.deepEqual(
      facts,
      ['sve', 'pointerAuthentication', 'pmu'].map((name) => ({
        fact: `vCPU feature ${name}`,
        a: 'given',
        b: 'Disabled',
      })),
    )
    const named = fields.map(({ register, field }) => `${register}.${field}`)
    assert.ok(named.includes('MIDR_EL1.PartNum'))
    assert.ok(named.includes('ID_AA64MMFR0_EL1.TGRAN4_2'))
    assert.ok(!named.includes('ID_AA64ISAR0_EL1.AES'))
  })

  it('asks for a revision where it is given a profile', () => {
    const { status, stderr } = runVerb(['diff', V1, '-'], FLEET)
    assert.equal(status, 2)
    assert.match(stderr, /cpufeatures compile/)
  })
})
