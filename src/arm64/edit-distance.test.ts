import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { editDistance } from './edit-distance.ts'
import { nearestFeatureNames } from './feature-spelling.ts'

describe('the distance of two names', () => {
  it('counts insertions, removals, changes and swaps of neighbours', () => {
    assert.equal(editDistance('rng', 'rng'), 0)
    assert.equal(editDistance('rgn', 'rng'), 1)
    assert.equal(editDistance('sve', 'sve2'), 1)
    assert.equal(editDistance('', 'lse'), 3)
    assert.equal(editDistance('kitten', 'sitting'), 3)
  })

  it('finds the name that was meant', () => {
    assert.equal(nearestFeatureNames('FEAT_RGN')[0], 'FEAT_RNG')
  })
})
