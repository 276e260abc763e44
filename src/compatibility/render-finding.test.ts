import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { finding as findingSchema } from '../api/finding.ts'
import { FINDING_REASONS } from '../plan/finding-reason.ts'
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
      'ID_AA64ISAR0_EL1.RNDR (FEAT_RNG, rng): wanted 0x1, this host has at most 0x0; KVM cannot show more than the host has. Remedy: leave such hosts out.',
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
    const sentences = Object.keys(FINDING_REASONS).map((reason) => {
      const bare = renderFinding(findingSchema.parse({ reason, remedy: 'do this' }))
      assert.doesNotMatch(bare, /undefined/)
      assert.match(bare, /\. Remedy: do this\.$/)
      return renderFinding({
        reason,
        register: 'ID_AA64MMFR2_EL1',
        field: 'IDS',
        wanted: '0x0',
        limit: '0x1',
        remedy: reason,
      })
    })
    assert.equal(new Set(sentences).size, sentences.length)
  })

  it('renders a reason of a newer version by its name', () => {
    assert.equal(
      renderFinding({ reason: 'Newer', register: 'CTR_EL0', remedy: 'x' }),
      'CTR_EL0: Newer. Remedy: x.',
    )
  })
})
