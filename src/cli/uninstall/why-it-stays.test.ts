import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { whyItStays } from './why-it-stays.ts'

const GOING = { name: 'x', deletionTimestamp: '2026-01-01T00:00:00Z' }

describe('an object that stays', () => {
  it('is held by its finalizers, and says what it waits for', () => {
    const conditions = [
      { type: 'NamespaceContentRemaining', status: 'True', message: 'Some resources are remaining: pods.' },
      { type: 'NamespaceDeletionDiscoveryFailure', status: 'False', message: 'All is well' },
    ]
    assert.equal(
      whyItStays({ metadata: { ...GOING, finalizers: ['a', 'b'] }, status: { conditions } }),
      'its finalizers are a, b; Some resources are remaining: pods.',
    )
  })

  it('is being deleted, or was made again', () => {
    assert.equal(whyItStays({ metadata: GOING }), 'its deletion has begun')
    assert.match(whyItStays({ metadata: { name: 'x' } }), /^it is there again: /)
  })
})
