import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { MEASURED_VIEWS, readView } from '../../test/fixtures/views/read-view.ts'
import { disableFeature } from './disable-feature.ts'
import { APPLIED_CONSTRAINTS, brokenConstraints } from './feature-constraints.ts'
import { featuresOf, hasFeature } from './feature.ts'
import { FEATURE_CONSTRAINTS } from './feature-table.generated.ts'
import { featureWithNeeds, requireFeature } from './require-feature.ts'
import { UNAPPLIED_CONSTRAINTS, unappliedText, unappliedTo } from './unapplied-constraints.ts'

const disabled = (view: ReturnType<typeof readView>, name: string) => {
  const result = disableFeature(view, name)
  if (result.kind === 'cannot') return assert.fail(`${result.feature}: ${result.why}`)
  return result
}

const changesOf = (name: string): readonly string[] =>
  disabled(readView('neoverse-v1-6.18'), name).changes.map(({ field, from, to }) => `${field} ${from} ${to}`)

// No lower value of their fields means that they are absent: AArch64 itself, and the kind of the instruction cache.
const ALWAYS = new Set(['FEAT_AA64EL0', 'FEAT_AA64EL1', 'FEAT_IVIPT'])

describe('a view without a feature', () => {
  it('breaks no constraint that it kept before, whichever feature goes', () => {
    for (const name of MEASURED_VIEWS) {
      const view = readView(name)
      const before = new Set(brokenConstraints(view))
      for (const feature of featuresOf(view).filter((one) => !ALWAYS.has(one))) {
        const result = disabled(view, feature)
        assert.ok(!hasFeature(result.view, feature))
        assert.ok(result.removed.includes(feature))
        assert.deepEqual(
          brokenConstraints(result.view).filter((one) => !before.has(one)),
          [],
          `${name} without ${feature}`,
        )
      }
    }
  })

  it('loses the matrix multiplications of Armv9.6 with what they need', () => {
    const base = readView('neoverse-v1-6.18')
    const view = new Map([
      ...base,
      ['ID_AA64PFR0_EL1', (base.get('ID_AA64PFR0_EL1') ?? 0n) | (1n << 32n)] as const,
      // SVE2p1 with F16MM; FP8 with everything that builds on it.
      ['ID_AA64ZFR0_EL1', 0x0001_0000_0000_0002n] as const,
      ['ID_AA64FPFR0_EL1', 0xfc00_0003n] as const,
    ])
    const removed = (name: string): readonly string[] => disabled(view, name).removed
    assert.ok(removed('FEAT_SVE2p1').includes('FEAT_SVE_F16F32MM'))
    assert.deepEqual([...removed('FEAT_FP8DOT4')].sort(), [
      'FEAT_F8F16MM',
      'FEAT_F8F32MM',
      'FEAT_FP8DOT2',
      'FEAT_FP8DOT4',
    ])
  })

  it('has no feature it had not before', () => {
    for (const name of MEASURED_VIEWS) {
      const view = readView(name)
      const had = new Set(featuresOf(view))
      for (const feature of [...had].filter((one) => !ALWAYS.has(one))) {
        const gained = featuresOf(disabled(view, feature).view).filter((one) => !had.has(one))
        assert.deepEqual(gained, [], `${name} without ${feature}`)
      }
    }
  })

  it('lowers a shared field to the next value the architecture names, and the AArch32 twin with it', () => {
    assert.deepEqual(changesOf('FEAT_PMULL'), ['AES 2 1', 'AES 2 1'])
    assert.deepEqual(changesOf('FEAT_AES'), ['AES 2 0', 'AES 2 0'])
    assert.deepEqual(changesOf('FEAT_RNG'), ['RNDR 1 0'])
  })

  it('skips values that mean nothing: without LSE, Atomic is 0 and not 1', () => {
    assert.ok(changesOf('FEAT_LSE').includes('ATOMIC 2 0'))
  })

  it('loses what needs the feature, and says which of the changes only EL2 could notice', () => {
    assert.deepEqual(disabled(readView('neoverse-v1-6.18'), 'FEAT_LSE').removed, ['FEAT_LSE'])
    const result = disabled(readView('neoverse-v1-6.18'), 'FEAT_VHE')
    assert.deepEqual(
      result.changes.filter(({ inert }) => inert).map(({ field }) => field),
      ['VH'],
    )
    assert.deepEqual(disabled(readView('neoverse-v1-6.18'), 'FEAT_SHA256').removed, [
      'FEAT_SHA256',
      'FEAT_SHA3',
      'FEAT_SHA512',
    ])
  })

  it('is as it was where it has not the feature, and cannot be where nothing lower is without it', () => {
    const view = readView('neoverse-n1-6.18')
    assert.deepEqual(disabled(view, 'FEAT_SVE').changes, [])
    assert.equal(disableFeature(view, 'FEAT_AA64EL0').kind, 'cannot')
    assert.equal(disableFeature(view, 'FEAT_NoSuchThing').kind, 'cannot')
  })
})

describe('a feature that is required', () => {
  it('brings what it needs', () => {
    assert.deepEqual(featureWithNeeds('FEAT_SVE2'), [
      'FEAT_AdvSIMD',
      'FEAT_FCMA',
      'FEAT_FP',
      'FEAT_FP16',
      'FEAT_SVE',
      'FEAT_SVE2',
    ])
  })

  it('is present, or what is missing is named', () => {
    const view = readView('neoverse-n1-6.18')
    assert.deepEqual(requireFeature(view, 'FEAT_PMULL'), { kind: 'present' })
    const absent = requireFeature(view, 'FEAT_SHA512')
    assert.deepEqual(absent.kind === 'absent' && absent.missing, ['FEAT_SHA512'])
  })
})

describe('the constraints between features', () => {
  it('are each applied or listed with why not', () => {
    assert.equal(APPLIED_CONSTRAINTS.length + UNAPPLIED_CONSTRAINTS.length, FEATURE_CONSTRAINTS.length)
    for (const one of UNAPPLIED_CONSTRAINTS)
      assert.match(
        unappliedText(one),
        /\((no ID register tells (the architecture version|FEAT_\w+(, FEAT_\w+)*)|it is about what only EL2 can use)\)$/,
      )
  })

  it('are listed for what is disabled by what would go with it, for what is required by what it would bring', () => {
    const texts = (...names: Parameters<typeof unappliedTo>): string[] =>
      unappliedTo(...names).map(unappliedText)
    assert.deepEqual(texts([], ['FEAT_SHA512']), [
      'FEAT_SHA512 needs FEAT_Crypto (no ID register tells FEAT_Crypto)',
    ])
    assert.ok(
      texts(['FEAT_AES'], []).includes(
        'FEAT_Crypto needs FEAT_AES or FEAT_SHA1 (no ID register tells FEAT_Crypto)',
      ),
    )
    assert.deepEqual(texts(['FEAT_RNG'], ['FEAT_RNG']), [])
  })

  it('hold on views from real hosts', () => {
    for (const name of MEASURED_VIEWS) assert.deepEqual(brokenConstraints(readView(name)), [], name)
  })
})
