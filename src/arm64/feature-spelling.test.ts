import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { FEATURES, featureByName } from './feature-registry.ts'
import { featuresBySpelling, nearestFeatureNames } from './feature-spelling.ts'
import { FEATURE_SPELLING_TABLE } from './feature-spelling-table.generated.ts'
import { featureSwitch } from './feature-switch.ts'

const names = (text: string): string | undefined =>
  featuresBySpelling(text)
    ?.features.map(({ name }) => name)
    .join(', ')

describe('the spelling of a feature', () => {
  const spellings: Readonly<Record<string, string | undefined>> = {
    FEAT_DotProd: 'FEAT_DotProd',
    feat_dotprod: 'FEAT_DotProd',
    DOTPROD: 'FEAT_DotProd',
    asimddp: 'FEAT_DotProd',
    HWCAP_ASIMDDP: 'FEAT_DotProd',
    hwcap2_sve2: 'FEAT_SVE2',
    crc: 'FEAT_CRC32',
    '+crc': 'FEAT_CRC32',
    neon: 'FEAT_AdvSIMD',
    '+simd': 'FEAT_AdvSIMD',
    memtag: 'FEAT_MTE, FEAT_MTE2',
    fullfp16: 'FEAT_FP16',
    '+fp16': 'FEAT_FP16',
    rcpc: 'FEAT_LRCPC',
    lrcpc: 'FEAT_LRCPC',
    aes: 'FEAT_AES',
    '+aes': 'FEAT_AES, FEAT_PMULL',
    crypto: 'FEAT_AES, FEAT_PMULL, FEAT_SHA1, FEAT_SHA256',
    '+sha3': 'FEAT_SHA3, FEAT_SHA512',
    sha3: 'FEAT_SHA3',
    pmu: 'FEAT_PMUv3',
    pauth: 'FEAT_PAuth',
    'sve2-bitperm': 'FEAT_SVE_BitPerm',
    'ARMv8.1-LSE': 'FEAT_LSE',
    'ARMv8.4-LSE': 'FEAT_LSE2',
    'hw.optional.arm.FEAT_LSE2': 'FEAT_LSE2',
    'hw.optional.armv8_crc32': 'FEAT_CRC32',
    PF_ARM_V8_CRC32_INSTRUCTIONS_AVAILABLE: 'FEAT_CRC32',
    'arm64.nosve': 'FEAT_SVE',
    rndr: 'FEAT_RNG',
    FEAT_RNDR: undefined,
    FEAT_NEON: undefined,
    'sve-max-vq': '',
    avx512f: undefined,
    crcc: undefined,
    '': undefined,
  }
  for (const [text, expected] of Object.entries(spellings)) {
    it(`${JSON.stringify(text)} is ${expected ?? 'nothing'}`, () => {
      assert.equal(names(text), expected)
    })
  }

  it('says of a HWCAP that one of several features is there, and of a compiler that all are', () => {
    assert.deepEqual([featuresBySpelling('pacg')?.any, featuresBySpelling('crypto')?.any], [true, false])
  })

  it('is, in the table, of features that are known', () => {
    const unknown = FEATURE_SPELLING_TABLE.flatMap(([, features]) => features).filter(
      (name) => featureByName(name) === undefined,
    )
    assert.deepEqual(unknown, [])
  })

  it('never hides the name of a feature that a guest can see', () => {
    for (const { name, places } of FEATURES) {
      if (places.length > 0) assert.ok(names(name.slice('FEAT_'.length))?.includes(name) ?? false, name)
    }
  })

  it('where nobody knows it, has the nearest as hint, and none where nothing is like it', () => {
    assert.deepEqual(nearestFeatureNames('crcc', 1), ['crc (FEAT_CRC32)'])
    assert.deepEqual(nearestFeatureNames('neom'), ['neon (FEAT_AdvSIMD)'])
    assert.deepEqual(nearestFeatureNames('memtagg'), ['memtag (FEAT_MTE, FEAT_MTE2)'])
    assert.deepEqual(nearestFeatureNames('avx512f'), [])
  })
})

describe('a switch', () => {
  const switches: Readonly<Record<string, ReturnType<typeof featureSwitch>>> = {
    'sve=off': { name: 'sve', on: false },
    'pmu=ON': { name: 'pmu', on: true },
    '+crc': { name: '+crc', on: true },
    '+nocrc': { name: '+crc', on: false },
    '-neon': { name: '+neon', on: false },
    nosve: { name: 'sve', on: false },
    // Features of their own, not switches.
    nv: undefined,
    nTLBPA: undefined,
    crc: undefined,
    'sve-max-vq=4': undefined,
    FEAT_RNG: undefined,
  }
  for (const [text, expected] of Object.entries(switches)) {
    it(`${text} is ${expected === undefined ? 'none' : JSON.stringify(expected)}`, () => {
      assert.deepEqual(featureSwitch(text), expected)
    })
  }
})
