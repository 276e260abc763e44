import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fixtureHost, fixtureHosts } from '../../test/fixtures/host-documents.ts'
import { predictWrite } from './predict-write.ts'
import { limitViewOf, predictionHost } from './prediction-host.ts'
import type { HostDocument } from '../api/host-document.ts'

const V1 = fixtureHost('neoverse-v1-6.18')

const plainWith = (document: Partial<HostDocument>): HostDocument => ({ ...V1, ...document })

describe('the view of a vCPU configuration', () => {
  it('is told for every configuration that was measured, and its own values are accepted', () => {
    for (const [name, document] of fixtureHosts()) {
      for (const { vcpuFeatures, implementationId = false } of document.configurations) {
        const host = predictionHost(document, { vcpuFeatures, implementationId }) ?? assert.fail(name)
        for (const [register, value] of host.limitView) {
          assert.deepEqual(
            predictWrite(host, register, value),
            { verdict: 'accepted' },
            `${name} ${register}`,
          )
        }
      }
    }
  })

  it('is the plain one with the differences', () => {
    const plain = limitViewOf(V1)
    const withSve = limitViewOf(V1, { vcpuFeatures: ['sve'], implementationId: false })
    assert.equal(plain?.get('ID_AA64ZFR0_EL1'), 0n)
    assert.equal(((withSve?.get('ID_AA64PFR0_EL1') ?? 0n) >> 32n) & 0xfn, 1n)
  })

  it('is put together from the features where the whole was not measured, and unknown where one is not', () => {
    const singles = V1.configurations.filter(({ vcpuFeatures }) => vcpuFeatures.length === 1)
    const document = plainWith({ configurations: singles })
    const all = { vcpuFeatures: ['sve', 'pmu'], implementationId: true } as const
    const view = limitViewOf(document, all)
    assert.equal(((view?.get('ID_AA64PFR0_EL1') ?? 0n) >> 32n) & 0xfn, 1n)
    assert.notEqual(((view?.get('ID_AA64DFR0_EL1') ?? 0n) >> 8n) & 0xfn, 0n)
    assert.equal(predictionHost(document, { vcpuFeatures: ['mte'], implementationId: false }), undefined)
  })

  it('lacks the registers that are hidden', () => {
    const configurations = [{ vcpuFeatures: ['mte' as const], differences: {}, hidden: ['ID_DFR0_EL1'] }]
    const host = predictionHost(plainWith({ configurations }), {
      vcpuFeatures: ['mte'],
      implementationId: false,
    })
    assert.equal(host && predictWrite(host, 'ID_DFR0_EL1', 0n).verdict, 'refused')
  })
})

describe('a host document', () => {
  it('lets the implementation ID be written where it is asked for and the capability is there', () => {
    const asked = { vcpuFeatures: [], implementationId: true }
    const verdict = (document: HostDocument, configuration = asked) => {
      const host = predictionHost(document, configuration) ?? assert.fail()
      return predictWrite(host, 'MIDR_EL1', 0x414f_d0c1n).verdict
    }
    assert.equal(verdict(V1), 'accepted')
    assert.equal(verdict(V1, { vcpuFeatures: [], implementationId: false }), 'refused')
    assert.equal(verdict(fixtureHost('neoverse-v1-6.12')), 'refused')
  })

  it('has the trials of its own configuration decide, unless only the rules are asked', () => {
    const isar0 = BigInt(V1.guestView['ID_AA64ISAR0_EL1'] ?? assert.fail()) & ~(0xfn << 60n)
    const deviation = { register: 'ID_AA64ISAR0_EL1', value: `0x${isar0.toString(16)}`, errno: 'EINVAL' }
    const document = plainWith({ deviations: [{ ...deviation, vcpuFeatures: ['sve' as const] }] })
    const verdict = (features: readonly 'sve'[], rulesOnly = false) => {
      const host = predictionHost(
        document,
        { vcpuFeatures: features, implementationId: false },
        { rulesOnly },
      )
      return predictWrite(host ?? assert.fail(), 'ID_AA64ISAR0_EL1', isar0).verdict
    }
    assert.equal(verdict(['sve']), 'refused')
    assert.equal(verdict(['sve'], true), 'accepted')
    assert.equal(verdict([]), 'accepted')
  })

  it('of a host with nested virtualization keeps AArch64 at EL2 of a guest that has it', () => {
    const nested = fixtureHost('max-mte-nested-6.18')
    const verdict = (features: readonly 'el2'[]) => {
      const host =
        predictionHost(nested, { vcpuFeatures: features, implementationId: false }) ?? assert.fail()
      const pfr0 = host.limitView.get('ID_AA64PFR0_EL1') ?? 0n
      return predictWrite(host, 'ID_AA64PFR0_EL1', pfr0 & ~0xf00n).verdict
    }
    assert.equal(verdict(['el2']), 'refused')
    assert.equal(verdict([]), 'accepted')
  })

  it('of a combination that was not measured takes the bits of each part, and what trials of the same register found', () => {
    const nested = fixtureHost('max-mte-nested-7.3')
    // As KVM shows them: EL2 in ID_AA64PFR0_EL1 beside SVE (seen on Linux 7.3).
    const combined = predictionHost(nested, { vcpuFeatures: ['sve', 'el2'], implementationId: false })
    assert.equal(combined?.limitView.get('ID_AA64PFR0_EL1'), 0x1101000121111111n)
    const withTags = predictionHost(nested, { vcpuFeatures: ['sve', 'mte'], implementationId: true })
    assert.ok(withTags)
    const limit = withTags.limitView.get('ID_AA64MMFR2_EL1') ?? 0n
    const verdict = predictWrite(withTags, 'ID_AA64MMFR2_EL1', limit | (2n << 24n))
    assert.equal(verdict.verdict, 'stored-as')
    assert.equal(withTags.trials.complete, false)
  })
})
