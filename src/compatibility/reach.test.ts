import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { IDST, MIDR } from '../../test/fixtures/compile-input.ts'
import { compile, compiled } from '../../test/fixtures/compile-result.ts'
import { classOf, fixtureHost } from '../../test/fixtures/host-documents.ts'
import { samplePlan } from '../../test/fixtures/sample-plan.ts'
import type { CpuFeatureProfileSpecInput } from '../api/cpu-feature-profile.ts'
import type { HostDocument } from '../api/host-document.ts'
import type { Plan } from '../api/plan.ts'
import { reach } from './reach.ts'
import { renderFinding } from './render-finding.ts'

const V1 = fixtureHost('neoverse-v1-6.18')
const V1_612 = fixtureHost('neoverse-v1-6.12')
const N1 = fixtureHost('neoverse-n1-6.18')
const N2 = fixtureHost('neoverse-n2-6.18')
const A72 = fixtureHost('cortex-a72-6.18')

const planOf = (hosts: readonly HostDocument[], input: Partial<CpuFeatureProfileSpecInput>): Plan =>
  compiled(compile(input, hosts.map(classOf))).plan

const decided = (plan: Plan, a: HostDocument, b: HostDocument): readonly string[] => {
  const result = reach(plan, a, b)
  const kind = result.kind === 'one-way' ? result.direction : result.kind
  return [kind, ...new Set(result.findings.map(({ reason }) => reason))]
}

describe('reach', () => {
  it('is both ways where all is levelled', () => {
    assert.deepEqual(decided(planOf([V1, N2], MIDR), V1, N2), ['both-ways'])
    assert.deepEqual(decided(planOf([V1, V1_612], {}), V1, V1_612), ['both-ways'])
  })

  it('is both ways with inert and named differences', () => {
    const plan = planOf([N1, V1], { ...MIDR, ...IDST })
    assert.deepEqual(decided(plan, N1, V1), ['both-ways'])
  })

  it('is unknown where MIDR is left to a host of large and small cores, also to another one like it', () => {
    const cores = [{ midr: '0x411fd402' }, { midr: '0x410fd034' }]
    assert.deepEqual(decided(planOf([V1], {}), V1, { ...V1, cores }), ['unknown', 'CoreKindsDiffer'])
    assert.deepEqual(decided(planOf([V1], {}), { ...V1, cores }, { ...V1, cores }), [
      'unknown',
      'CoreKindsDiffer',
    ])
    assert.deepEqual(decided(planOf([V1], MIDR), V1, { ...V1, cores }), ['both-ways'])
  })

  it('is never where MIDR is left to the host', () => {
    assert.deepEqual(decided(planOf([V1, N2], {}), V1, N2), ['never', 'ImplementationIdDiffers'])
  })

  it('is never where guests read another counter frequency or DCZID_EL0', () => {
    const plan = planOf([V1], MIDR)
    assert.deepEqual(decided(plan, V1, { ...V1, counterFrequency: 121_875_000 }), [
      'never',
      'CounterFrequencyDiffers',
    ])
    assert.deepEqual(decided(plan, V1, { ...V1, dczid: '0x14' }), ['never', 'ZeroBlockSizeDiffers'])
  })

  it('is one way to the host with a tolerated surplus and more mitigations', () => {
    const plan = planOf([A72, N1], { ...MIDR, tolerate: { surplus: 'AcceptOneWay' } })
    assert.deepEqual(decided(plan, A72, N1), ['a-to-b', 'MitigationLevelDiffers', 'ToleratedSurplus'])
    assert.deepEqual(decided(plan, N1, A72), ['b-to-a', 'MitigationLevelDiffers', 'ToleratedSurplus'])
  })

  it('is one way to the host with the higher SMCCC workaround level', () => {
    const plan = planOf([V1], MIDR)
    const name = 'KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_1'
    const less = { ...V1, firmwareRegisters: { ...V1.firmwareRegisters, [name]: '0x0' } }
    assert.deepEqual(decided(plan, less, V1), ['a-to-b', 'MitigationLevelDiffers'])
  })

  it('is one way to the host with the smaller cache lines, unless CCSIDR_EL1 is left out of the register list', () => {
    const larger = { ...V1, guestView: { ...V1.guestView, CTR_EL0: '0xb445c005' } }
    const spec = { base: { host: {} }, vcpuFeatures: { sve: 'Disabled' } } as const
    assert.ok(decided(planOf([], spec), larger, V1).includes('CacheLinesDiffer'))
    const levelled = compiled(compile(MIDR, [V1, larger].map(classOf)))
    assert.deepEqual(decided(levelled.plan, V1, larger), ['both-ways'])
    assert.ok(levelled.plan.registerList.exclude.includes('0x6020000000110000'))
    assert.ok(levelled.notes.some((note) => note.startsWith('CCSIDR_EL1 is left out')))
    assert.ok(!planOf([V1, N2], MIDR).registerList.exclude.includes('0x6020000000110000'))
  })

  it('stays one way where CTR_EL0 was lowered alone: KVM compares with the CTR_EL0 of the host', () => {
    const larger = { ...V1, guestView: { ...V1.guestView, CTR_EL0: '0xb445c005' } }
    const plan = planOf([V1, larger], MIDR)
    const listed = { ...plan, registerList: { exclude: [] } }
    assert.deepEqual(decided(listed, V1, larger), ['b-to-a', 'CacheLinesDiffer'])
  })

  it('is unknown where both list a register that no table names', () => {
    const plan = planOf([V1], MIDR)
    const newer = { ...V1, registerList: { removed: [], added: ['0x603000000013f000'] } }
    assert.deepEqual(decided(plan, newer, newer), ['unknown', 'RegisterUnclassified'])
    const excluding = { ...plan, registerList: { exclude: ['0x603000000013f000'] } }
    assert.deepEqual(decided(excluding, newer, newer), ['both-ways'])
  })

  it('is one way from the PMU without slots, where KVM lists them', () => {
    const pmu = (slots?: number): HostDocument => ({
      ...V1,
      pmu: { ...(V1.pmu ?? assert.fail()), ...(slots !== undefined && { slots }) },
      configurations: V1.configurations.map((one) =>
        one.vcpuFeatures.join() === 'pmu'
          ? { ...one, registerListAdded: [...(one.registerListAdded ?? []), '0x603000000013c4f6'] }
          : one,
      ),
    })
    const plan = planOf([V1], { ...MIDR, vcpuFeatures: { pmu: 'Required' } })
    assert.deepEqual(decided(plan, pmu(8), pmu(8)), ['both-ways'])
    assert.deepEqual(decided(plan, pmu(0), pmu(8)), ['a-to-b', 'PmuDiffers'])
    assert.deepEqual(decided(plan, pmu(4), pmu(8)), ['never', 'PmuDiffers'])
    assert.deepEqual(decided(plan, pmu(4), pmu()), ['unknown', 'PmuUnknown'])
  })

  it('follows the register list where it is not levelled', () => {
    const plan = planOf([V1], MIDR)
    const more = { ...V1, registerList: { removed: [], ...V1.registerList, added: ['0x603000000013c103'] } }
    assert.deepEqual(decided(plan, V1, more), ['a-to-b', 'RegisterListDiffers'])
    const other = { ...V1, registerList: { added: [], removed: ['0x6030000000160003'] } }
    assert.deepEqual(decided(plan, more, other), ['b-to-a', 'RegisterListDiffers'])
    assert.deepEqual(decided(planOf([V1, more], MIDR), V1, more), ['both-ways'])
  })

  it('is one way to the richer host where base host leaves fields to it', () => {
    const spec = { base: { host: {} }, features: [{ name: 'FEAT_SHA512', state: 'Disabled' }] } as const
    const plan = planOf([], { base: spec.base, features: [...spec.features] })
    const poorer = {
      ...V1,
      guestView: {
        ...V1.guestView,
        ID_AA64ISAR0_EL1: `0x${(BigInt(V1.guestView['ID_AA64ISAR0_EL1'] ?? 0) & ~(15n << 60n)).toString(16)}`,
      },
    }
    assert.deepEqual(decided(plan, poorer, V1), ['a-to-b', 'FieldDiffers'])
    assert.deepEqual(
      decided(planOf([], { ...spec, features: [{ name: 'FEAT_RNG', state: 'Disabled' }] }), poorer, V1),
      ['both-ways'],
    )
  })

  it('follows other fields of a register whose SVE bits no launch writes, where no host has SVE', () => {
    const withoutSve = { ...V1, vcpuFeatures: [] }
    const poorer = {
      ...withoutSve,
      guestView: {
        ...V1.guestView,
        ID_AA64PFR0_EL1: `0x${(BigInt(V1.guestView['ID_AA64PFR0_EL1'] ?? 0) & ~(15n << 48n)).toString(16)}`,
      },
    }
    const sve = [{ register: 'ID_AA64PFR0_EL1', mask: '0xf00000000', value: '0x100000000' }]
    assert.deepEqual(decided(samplePlan({ registers: sve }), poorer, withoutSve), ['a-to-b', 'FieldDiffers'])
  })

  it('is never where the VMM may take a vCPU feature that only one host has', () => {
    const { kind, findings } = reach(planOf([], { base: { host: {} } }), V1, N1)
    assert.equal(kind, 'never')
    assert.ok(findings.some(({ reason, onFrom }) => reason === 'VcpuFeatureDiffers' && onFrom === 'sve: yes'))
  })

  it('is one way to the host with larger physical addresses, unless PARANGE is levelled', () => {
    const larger = { ...V1, ipaBits: 52 }
    assert.deepEqual(decided(planOf([], { base: { host: {} } }), V1, larger), ['a-to-b', 'IpaSizeDiffers'])
    assert.deepEqual(decided(planOf([V1], MIDR), V1, larger), ['both-ways'])
    const less = { ...V1, ipaBits: 40 }
    assert.deepEqual(decided(planOf([V1], MIDR), V1, less), ['b-to-a', 'IpaSizeDiffers'])
  })

  it('says what guests find along the way that is open', () => {
    const less = { ...V1, ipaBits: 40 }
    const ways = [reach(planOf([V1], MIDR), V1, less), reach(planOf([V1], MIDR), less, V1)]
    assert.deepEqual(
      ways.flatMap(({ findings }) => findings.map(({ onFrom, onTo }) => [onFrom, onTo])),
      [
        ['40 bits', '48 bits'],
        ['40 bits', '48 bits'],
      ],
    )
  })

  it('is never between PMUs of other events where the PMU is required', () => {
    const plan = planOf([V1], { ...MIDR, vcpuFeatures: { pmu: 'Required' } })
    const other = { ...V1, pmu: { counters: 2, pmceid0: '0x0', pmceid1: '0x0' } }
    assert.deepEqual(decided(plan, V1, other), ['never', 'PmuDiffers'])
    assert.deepEqual(decided(planOf([V1], MIDR), V1, other), ['both-ways'])
  })

  it('says what decides in sentences', () => {
    const sentences = reach(planOf([V1, N2], {}), V1, N2).findings.map(renderFinding)
    assert.deepEqual(sentences, [
      'MIDR_EL1: one host has 0x411fd402, the other 0x410fd493; the profile does not level it. ' +
        'Remedy: set `implementation: {midr: FromBaseline}`, if guests may see the MIDR_EL1 of another host ' +
        '(they choose errata workarounds by it).',
    ])
  })
})
