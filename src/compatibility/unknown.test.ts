import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { IDST, MIDR } from '../../test/fixtures/compile-input.ts'
import { compile, compiled } from '../../test/fixtures/compile-result.ts'
import { classOf, fixtureHost, fixtureHosts } from '../../test/fixtures/host-documents.ts'
import type { CpuFeatureProfileSpecInput } from '../api/cpu-feature-profile.ts'
import type { HostDocument } from '../api/host-document.ts'
import type { Plan } from '../api/plan.ts'
import { reach } from './reach.ts'
import { verdict } from './verdict.ts'

const V1 = fixtureHost('neoverse-v1-6.18')
const N2 = fixtureHost('neoverse-n2-6.18')

const without = (host: HostDocument, ...keys: readonly (keyof HostDocument)[]): HostDocument =>
  Object.fromEntries(Object.entries(host).filter(([key]) => !keys.some((one) => one === key))) as HostDocument

/** The parts that a document may lack, and the document without each. */
const FORGOTTEN: Readonly<Record<string, (host: HostDocument) => HostDocument>> = {
  'the counter frequency': (host) => without(host, 'counterFrequency'),
  DCZID_EL0: (host) => without(host, 'dczid', 'ctr'),
  'the masks': (host) => without(host, 'writableMasks'),
  'any bit in the masks': (host) => ({ ...host, writableMasks: {} }),
  'the register list': (host) => without(host, 'registerList'),
  'the SVE vector lengths': (host) => without(host, 'sveVectorLengths'),
  'the IPA size': (host) => without(host, 'ipaBits'),
  'the PMU': (host) => without(host, 'pmu'),
  'the capabilities and vCPU features': (host) => ({
    ...host,
    capabilities: {},
    vcpuFeatures: [],
    configurations: [],
  }),
  'what vCPU features show': (host) => ({ ...host, configurations: [] }),
  'REVIDR_EL1 and AIDR_EL1': ({ cpu: { midr }, ...host }) => ({ ...host, cpu: { midr } }),
  'all registers but MIDR_EL1': (host) => ({
    ...without(host, 'registerList'),
    guestView: { MIDR_EL1: host.cpu.midr },
    firmwareRegisters: {},
    configurations: [],
  }),
}

/** Only the rules speak: a trial tells more than the masks do. */
const untried = (host: HostDocument): HostDocument => ({ ...without(host, 'trials'), deviations: [] })

const HOSTS = [...fixtureHosts().values()].map(untried)

const SPECS: readonly Partial<CpuFeatureProfileSpecInput>[] = [
  { ...MIDR, ...IDST },
  { ...IDST, vcpuFeatures: { sve: 'Required', pmu: 'Required' } },
  { base: { host: {} }, features: [{ name: 'FEAT_RNG', state: 'Disabled' }] },
  { base: { host: {} }, features: [{ name: 'FEAT_PAuth', state: 'Disabled' }] },
  { base: { host: {} }, features: [{ name: 'FEAT_LSE', state: 'Required' }] },
  { base: { host: {} }, implementation: { midr: '0x410fd0c1' } },
]

const plansOf = (hosts: readonly HostDocument[]): readonly Plan[] =>
  SPECS.flatMap((spec) => {
    const result = compile(spec, hosts.map(classOf))
    return result.kind === 'compiled' ? [result.plan] : []
  })

const PLANS = [...plansOf([V1, N2]), ...plansOf([V1]), ...plansOf([fixtureHost('max-mte-nested-7.3')])]

const reasons = (plan: Plan, a: HostDocument, b: HostDocument): readonly string[] => [
  reach(plan, a, b).kind,
  ...new Set(reach(plan, a, b).findings.map(({ reason }) => reason)),
]

describe('a host document that does not tell everything', () => {
  for (const [what, forget] of Object.entries(FORGOTTEN)) {
    it(`changes no verdict and no reach but to unknown: without ${what}`, () => {
      let unknown = 0
      const compare = (known: string, forgetful: string): void => {
        if (forgetful === 'unknown') unknown += 1
        else assert.equal(forgetful, known)
      }
      for (const plan of PLANS)
        for (const [index, a] of HOSTS.entries()) {
          const b = HOSTS[(index + 1) % HOSTS.length] ?? a
          compare(verdict(plan, a).kind, verdict(plan, forget(a)).kind)
          compare(reach(plan, a, b).kind, reach(plan, a, forget(b)).kind)
          compare(reach(plan, a, a).kind, reach(plan, forget(a), forget(a)).kind)
        }
      assert.ok(unknown > 0)
    })
  }

  it('is not known to reach another one that does not tell it either, though both are of one class', () => {
    const plan = compiled(compile(MIDR, [V1, N2].map(classOf))).plan
    const host = without(V1, 'counterFrequency')
    assert.deepEqual(reasons(plan, host, host), ['unknown', 'CounterFrequencyUnknown'])
    assert.deepEqual(reasons(plan, V1, V1), ['both-ways'])
  })

  it('says of no KVM that was not asked what it gives, lets or lacks', () => {
    const forget = FORGOTTEN['the capabilities and vCPU features'] ?? assert.fail()
    const findings = PLANS.flatMap((plan) => {
      const judged = verdict(plan, untried(without(forget(V1), 'writableMasks')))
      return judged.kind === 'compatible' ? [] : judged.findings
    })
    const said = new Set(findings.map(({ reason }) => reason))
    for (const reason of ['VcpuFeatureMissing', 'ImplementationIdNotWritable', 'FieldNotWritable'])
      assert.ok(!said.has(reason), reason)
  })

  it('of a kernel before 6.7 says so, unless its masks were read', () => {
    const plan = PLANS[0] ?? assert.fail()
    const old = { ...V1, kernel: { ...V1.kernel, release: '6.1.172-amzn2023' } }
    const judged = verdict(plan, without(old, 'writableMasks'))
    assert.ok(judged.kind === 'incompatible')
    assert.ok(judged.findings.some(({ reason }) => reason === 'KernelTooOld'))
    assert.equal(verdict(plan, old).kind, 'compatible')
  })
})
