import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { cpuWords } from '../input/cpu-words.ts'
import { explainWords } from './explain-words.ts'

const entries = (text: string): readonly string[] => {
  const words = cpuWords(text) ?? assert.fail(text)
  return explainWords(words).words.flatMap(({ profile }) => profile)
}

describe('a CPU in the words of compilers and emulators, as entries of a profile', () => {
  it('names the vCPU feature for what every VM with it has', () => {
    assert.deepEqual(entries('host,sve=off,pmu=on'), [
      'vcpuFeatures: {sve: Disabled}',
      'vcpuFeatures: {pmu: Required}',
    ])
    assert.deepEqual(entries('armv8.3-a+pauth+memtag'), [
      'vcpuFeatures: {pointerAuthentication: Required}',
      'vcpuFeatures: {mte: Required}',
    ])
  })

  it('names the feature itself where a CPU may have the vCPU feature without it', () => {
    assert.deepEqual(entries('-march=armv8.5-a+sve2'), ['features: [{name: FEAT_SVE2, state: Required}]'])
    assert.deepEqual(entries('host,sve2=off'), ['features: [{name: FEAT_SVE2, state: Disabled}]'])
  })
})
