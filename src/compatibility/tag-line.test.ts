import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { IDST, MIDR } from '../../test/fixtures/compile-input.ts'
import { baselineOf, compile, compiled } from '../../test/fixtures/compile-result.ts'
import { classOf, fixtureHost } from '../../test/fixtures/host-documents.ts'
import { samplePlan } from '../../test/fixtures/sample-plan.ts'
import type { CpuFeatureProfileSpecInput } from '../api/cpu-feature-profile.ts'
import type { HostDocument } from '../api/host-document.ts'
import type { Plan } from '../api/plan.ts'
import type { CompileResult } from '../profile/compile-result.ts'
import { hostClass } from './host-class.ts'
import { reach } from './reach.ts'
import { verdict } from './verdict.ts'

// KVM shows user space CTR_EL0 0xb444c004 on both; a guest reads 0x4b444c004 on Neoverse N2 (seen on Linux 6.18).
const V1 = fixtureHost('neoverse-v1-6.18')
const N2 = fixtureHost('neoverse-n2-6.18')
const N1 = fixtureHost('neoverse-n1-6.18')
const WITH_TAGS = fixtureHost('max-mte-nested-6.18')

const compileFor = (
  hosts: readonly HostDocument[],
  input: Partial<CpuFeatureProfileSpecInput> = {},
): CompileResult => compile({ ...MIDR, ...input }, hosts.map(classOf))

const planOf = (...args: Parameters<typeof compileFor>): Plan => compiled(compileFor(...args)).plan

const TAG_LINE = { register: 'CTR_EL0', field: 'TminLine', kind: 'Inert' }

const tolerated = (plan: Plan, document: HostDocument): readonly string[] => {
  const result = verdict(plan, document)
  assert.ok(result.kind === 'compatible', JSON.stringify(result))
  return result.tolerated.map(({ field }) => field)
}

const reasons = (plan: Plan, document: HostDocument): readonly string[] => {
  const result = verdict(plan, document)
  return result.kind === 'compatible' ? [] : result.findings.map(({ reason }) => reason)
}

const findings = (result: CompileResult): readonly (readonly (string | undefined)[])[] =>
  result.kind === 'not-compiled' ? result.findings.map(({ register, field }) => [register, field]) : []

describe('CTR_EL0.TminLine, which guests read untrapped', () => {
  it('is a tolerated difference of members that differ in it, with CTR_EL0 left in the stream', () => {
    assert.deepEqual(baselineOf(compileFor([V1, N2])).tolerated, [TAG_LINE])
    const plan = planOf([V1, N2])
    assert.deepEqual(plan.tolerated, [])
    assert.deepEqual(plan.registerList.exclude, [])
    assert.deepEqual(plan.untrapped, { counterFrequency: 62_500_000, dczid: '0x4' })
    assert.deepEqual(tolerated(plan, N2), ['TminLine'])
    assert.equal(reach(plan, V1, N2).kind, 'both-ways')
  })

  it('is named on a host outside the baseline too', () => {
    const plan = planOf([V1])
    assert.deepEqual(plan.tolerated, [])
    assert.deepEqual(tolerated(plan, V1), [])
    const twin = { ...V1, ctr: N2.ctr ?? '' }
    assert.deepEqual(tolerated(plan, twin), ['TminLine'])
  })

  it('does not differ where CTR_EL0 is levelled to another value, because KVM traps it then', () => {
    const plan = planOf([N1, N2], IDST)
    assert.ok(!baselineOf(compileFor([N1, N2], IDST)).tolerated.some(({ field }) => field === 'TminLine'))
    assert.ok(!tolerated(plan, N2).includes('TminLine'))
  })

  it('may differ without MTE even where inert differences are refused, and is named', () => {
    const input = { tolerate: { inert: 'Refuse' } } as const
    assert.deepEqual(findings(compileFor([V1, N2], input)), [])
    const plan = planOf([V1], input)
    assert.equal(plan.untrapped.tminLine, undefined)
    assert.deepEqual(tolerated(plan, { ...V1, ctr: N2.ctr ?? '' }), ['TminLine'])
  })

  it('must be equal where guests have MTE', () => {
    const mte = { vcpuFeatures: { mte: 'Required' } } as const
    const [zero, four] = ['0xb444c004', '0x4b444c004'].map((ctr) => ({ ...WITH_TAGS, ctr }))
    assert.ok(zero && four)
    assert.deepEqual(findings(compileFor([zero, four], mte)), [['CTR_EL0', 'TminLine']])
    const plan = planOf([four], mte)
    assert.equal(plan.untrapped.tminLine, 4)
    assert.deepEqual(tolerated(plan, four), [])
    assert.deepEqual(reasons(plan, zero), ['TagLineDiffers'])
    const unmeasured = { ...WITH_TAGS }
    delete unmeasured.ctr
    assert.deepEqual(reasons(plan, unmeasured), ['TagLineUnknown'])
    const loose = planOf([], { base: { host: {} }, ...mte, implementation: { midr: '0x410fd490' } })
    assert.deepEqual(
      reach(loose, zero, four).findings.map(({ reason }) => reason),
      ['TagLineDiffers'],
    )
  })

  it('does not differ where a ceiling brings CTR_EL0 down, because KVM traps it then', () => {
    const [zero, four] = ['0xb444c004', '0x4b444c004'].map((ctr) => ({ ...WITH_TAGS, ctr }))
    assert.ok(zero && four)
    const under = (value: number): Plan =>
      samplePlan({
        atMost: [{ register: 'CTR_EL0', field: 'DIC', value }],
        vcpuFeatures: { mte: 'Required' },
      })
    const found = (plan: Plan) => reach(plan, zero, four).findings.map(({ reason }) => reason)
    assert.deepEqual(found(under(0)), [])
    assert.deepEqual(found(under(1)), ['TagLineDiffers'])
  })

  it('is no longer tolerated by a kept baseline once guests have MTE', () => {
    const [zero, four] = ['0xb444c004', '0x4b444c004'].map((ctr) => ({ ...WITH_TAGS, ctr }))
    assert.ok(zero && four)
    const previousBaseline = baselineOf(compileFor([zero, four]))
    const again = compile({ vcpuFeatures: { mte: 'Required' } }, [], { previousBaseline })
    assert.deepEqual(again.kind === 'not-compiled' && again.reason, 'NotTolerated')
  })

  it('makes another host class', () => {
    assert.notEqual(hostClass({ ...V1, ctr: N2.ctr ?? '' }), hostClass(V1))
  })
})
