import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { CpuFeatureProfileBaseline } from '../../../api/cpu-feature-profile-baseline.ts'
import type { Baseline } from '../../../api/cpu-feature-profile.ts'
import { keepBaseline } from './keep-baseline.ts'

const baseline = (generation: number): Baseline => ({
  generation,
  registers: { ID_AA64ISAR0_EL1: '0x1' },
  firmwareRegisters: [],
  registerList: { exclude: [] },
  untrapped: {},
  tolerated: [],
  classes: ['aaaa'],
  hiddenMidrs: [],
})

const stored: CpuFeatureProfileBaseline = {
  apiVersion: 'cpufeatures.dev/v1alpha1',
  kind: 'CpuFeatureProfileBaseline',
  metadata: { name: 'fleet', resourceVersion: '7', labels: { team: 'a' } },
  spec: baseline(1),
}

describe('the object of a baseline', () => {
  it('is created only: one that was restored and not seen yet is never replaced', () => {
    const write = keepBaseline('fleet', undefined, baseline(1))
    assert.equal(write.kind, 'create')
    assert.deepEqual(write.object, { ...stored, metadata: { name: 'fleet' } })
  })

  it('is replaced with all that others wrote on it, and only as it was seen', () => {
    const write = keepBaseline('fleet', stored, baseline(2))
    assert.equal(write.kind, 'update')
    assert.deepEqual(write.object, { ...stored, spec: baseline(2) })
  })

  it('stays while there is nothing else to keep, also if the base has no baseline any more', () => {
    assert.equal(keepBaseline('fleet', stored, baseline(1)).kind, 'nothing')
    assert.equal(keepBaseline('fleet', stored, undefined).kind, 'nothing')
    assert.equal(keepBaseline('fleet', undefined, undefined).kind, 'nothing')
  })
})
