import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { CpuFeatureProfile } from '../api/cpu-feature-profile.ts'
import { CurrentRevisions } from './current-revisions.ts'

const FLEET: CpuFeatureProfile = {
  apiVersion: 'cpufeatures.dev/v1alpha1',
  kind: 'CpuFeatureProfile',
  metadata: { name: 'fleet' },
  spec: { base: { host: {} }, enforcement: 'Strict' },
  status: { currentRevision: 'fleet-1' },
}

const lookup = (name: string) => (name === 'fleet' ? FLEET : undefined)

describe('the current revisions', () => {
  it('are what the status says, until compiled by this process', () => {
    assert.equal(new CurrentRevisions(lookup).isCurrent('fleet-1'), true)
  })

  it('are not known to be others until compiled by this process', () => {
    const currents = new CurrentRevisions(lookup)
    assert.equal(currents.isCurrent('fleet-2'), 'unknown')
    currents.set('fleet', 'fleet-2')
    assert.equal(currents.isCurrent('fleet-2'), true)
    assert.equal(currents.isCurrent('fleet-1'), false)
  })

  it('are none where the profile compiles to none', () => {
    const currents = new CurrentRevisions(lookup)
    currents.set('fleet', undefined)
    assert.equal(currents.isCurrent('fleet-1'), false)
  })

  it('tell when they become known, and when they change', () => {
    const currents = new CurrentRevisions(lookup)
    const told: string[] = []
    currents.onChange((profile) => told.push(profile))
    for (const revision of ['fleet-1', 'fleet-1', 'fleet-2', undefined, undefined])
      currents.set('fleet', revision)
    assert.equal(told.length, 3)
  })

  it('are none of a profile that is gone', () => {
    assert.equal(new CurrentRevisions(lookup).isCurrent('gone-1'), false)
  })
})
