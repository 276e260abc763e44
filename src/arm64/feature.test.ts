import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { MEASURED_VIEWS, readView } from '../../test/fixtures/views/read-view.ts'
import { featuresByName, FEATURES } from './feature-registry.ts'
import { nearestFeatureNames } from './feature-spelling.ts'
import { featuresOf, hasFeature, hwcapsOf } from './feature.ts'
import { comparisonsOf, operandField } from './condition.ts'
import { HWCAP_TABLE } from './hwcap-table.generated.ts'
import { hwcapWithoutFeature } from './hwcap-names.ts'

describe('the features of a guest view', () => {
  it('are those of the CPU, without what KVM hides from a plain vCPU', () => {
    const names = featuresOf(readView('neoverse-v1-6.18'))
    for (const name of [
      'FEAT_FP16',
      'FEAT_SM4',
      'FEAT_RNG',
      'FEAT_IDST',
      'FEAT_TGran4K',
      'FEAT_AA32EL0',
      'FEAT_RAS',
    ]) {
      assert.ok(names.includes(name), name)
    }
    for (const name of [
      'FEAT_SVE',
      'FEAT_PAuth',
      'FEAT_PMUv3',
      'FEAT_SPE',
      'FEAT_MTE',
      'FEAT_BTI',
      'FEAT_DoubleLock',
    ]) {
      assert.ok(!names.includes(name), name)
    }
  })

  it('do not hang on AArch32 twins that KVM shows as zero', () => {
    const view = readView('neoverse-v1-6.18')
    assert.equal((view.get('ID_ISAR5_EL1') ?? 0n) >> 28n, 0n)
    assert.ok(hasFeature(view, 'FEAT_FCMA'))
  })

  it('come with the HWCAPS Linux prints', () => {
    assert.equal(
      hwcapsOf(readView('neoverse-n1-6.18'))
        .map(({ cpuinfoName }) => cpuinfoName)
        .join(' '),
      'fp asimd aes pmull sha1 sha2 crc32 atomics fphp asimdhp asimdrdm lrcpc dcpop asimddp ssbs',
    )
  })

  it('need registers that are known', () => {
    assert.deepEqual(featuresOf(new Map()), [])
    assert.equal(hasFeature(readView(MEASURED_VIEWS[0]), 'FEAT_NoSuchThing'), false)
  })
})

describe('the table of features', () => {
  it('compares fields that exist, and HWCAPs stand for features that exist', () => {
    for (const { places } of FEATURES) {
      for (const comparison of places.flatMap(({ holds }) => comparisonsOf(holds))) operandField(comparison)
    }
    for (const { condition, features } of HWCAP_TABLE) {
      for (const comparison of condition ? comparisonsOf(condition) : []) operandField(comparison)
      for (const name of features) assert.equal(featuresByName(name).length, 1, name)
    }
  })

  it('is found by the names Arm and Linux use', () => {
    const names = (name: string) => featuresByName(name).map((feature) => feature.name)
    assert.deepEqual(names('FEAT_RNG'), ['FEAT_RNG'])
    assert.deepEqual(names('asimddp'), ['FEAT_DotProd'])
    assert.deepEqual(names('HWCAP2_SVE2'), ['FEAT_SVE2'])
    assert.deepEqual(names('paca'), ['FEAT_PAuth'])
    assert.deepEqual(names('FEAT_RNDR'), [])
  })

  it('knows the HWCAPs of Linux 7.3', () => {
    assert.equal(new Set(HWCAP_TABLE.map(({ name }) => name)).size, 124)
    const names = (name: string) => featuresByName(name).map((feature) => feature.name)
    assert.deepEqual(names('gcs'), ['FEAT_GCS'])
    assert.deepEqual(names('HWCAP_CMPBR'), ['FEAT_CMPBR'])
    assert.deepEqual(names('svef16mm'), ['FEAT_SVE_F16F32MM'])
    assert.deepEqual(names('f8mm4'), ['FEAT_F8F16MM'])
    assert.deepEqual(names('HWCAP3_MTE_FAR'), ['FEAT_MTE_TAGGED_FAR'])
    assert.deepEqual(names('lsfe'), ['FEAT_LSFE'])
    assert.deepEqual(names('ls64'), ['FEAT_LS64'])
  })

  it('says what a HWCAP is that stands for no feature', () => {
    assert.match(hwcapWithoutFeature('evtstrm') ?? '', /no ID register shows.*event stream/)
    assert.match(hwcapWithoutFeature('HWCAP_CPUID') ?? '', /^cpuid is .*no ID register shows/)
    assert.match(hwcapWithoutFeature('sveeltperm') ?? '', /ID_AA64ZFR0_EL1\.EltPerm >= 1/)
    assert.equal(hwcapWithoutFeature('gcs'), undefined)
    assert.equal(hwcapWithoutFeature('avx'), undefined)
  })

  it('gives the nearest valid names for a wrong one', () => {
    assert.ok(nearestFeatureNames('FEAT_RNDR').includes('FEAT_RNG'))
    assert.ok(nearestFeatureNames('asimdp').includes('asimddp'))
    assert.equal(nearestFeatureNames('FEAT_DOTPROD')[0], 'FEAT_DotProd')
  })
})
