import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { finding as findingSchema } from '../api/finding.ts'
import { PLAN_REASONS } from '../catalogue/plan-reasons.ts'
import { REACH_REASONS } from '../catalogue/reach-reasons.ts'
import { renderFinding } from './render-finding.ts'

describe('renderFinding', () => {
  it('names the field, its FEAT_ and HWCAP, what was wanted, the limit and the remedy', () => {
    const sentence = renderFinding({
      reason: 'FieldAboveLimit',
      register: 'ID_AA64ISAR0_EL1',
      field: 'RNDR',
      wanted: '0x1',
      limit: '0x0',
      writable: true,
      remedy: 'leave such hosts out',
    })
    assert.equal(
      sentence,
      'ID_AA64ISAR0_EL1.RNDR (FEAT_RNG, rng): wanted 0x1, this host has at most 0x0; KVM cannot show more than the host has. ' +
        'Remedy: leave such hosts out.',
    )
  })

  it('names only the features that the two values tell apart', () => {
    const sentence = renderFinding({
      reason: 'FieldAboveLimit',
      register: 'ID_AA64ISAR0_EL1',
      field: 'AES',
      wanted: '0x2',
      limit: '0x1',
      remedy: 'x',
    })
    assert.match(sentence, /\.AES \(FEAT_PMULL, pmull\):/)
  })

  it('has a sentence of its own for every reason, with the remedy and nothing undefined', () => {
    const about = { register: 'ID_AA64MMFR2_EL1', field: 'IDS' }
    const sentences = [
      ...Object.keys(PLAN_REASONS).map((reason) => {
        const bare = renderFinding(findingSchema.parse({ reason, remedy: 'do this' }))
        assert.doesNotMatch(bare, /undefined/)
        assert.match(bare, /\. Remedy: do this\.$/)
        return renderFinding({ ...about, reason, wanted: '0x0', limit: '0x1', remedy: reason })
      }),
      ...Object.keys(REACH_REASONS).map((reason) =>
        renderFinding(
          findingSchema.parse({
            ...about,
            reason,
            onFrom: '0x0',
            onTo: '0x1',
            remedy: `${reason} of a pair`,
          }),
        ),
      ),
    ]
    assert.equal(new Set(sentences).size, sentences.length)
    for (const sentence of sentences) assert.doesNotMatch(sentence, /undefined/)
  })

  it('tells a host against a host by its values on both, and says those', () => {
    const sentence = renderFinding(
      findingSchema.parse({ reason: 'PmuDiffers', onFrom: '6 counters', onTo: '4 counters', remedy: 'x' }),
    )
    assert.match(sentence, /^PMU: one host has 6 counters, the other 4 counters;/)
  })

  it('renders a reason of a newer version by its name', () => {
    const pair = { reason: 'Newer', register: 'CTR_EL0', onFrom: '1', onTo: '2', remedy: 'x' }
    assert.equal(renderFinding(pair), 'CTR_EL0: Newer. Remedy: x.')
    assert.equal(
      renderFinding({ reason: 'Newer', register: 'CTR_EL0', remedy: 'x' }),
      'CTR_EL0: Newer. Remedy: x.',
    )
  })
})
