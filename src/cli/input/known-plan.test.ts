import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { API_GROUP_VERSION } from '../../api/names.ts'
import type { Plan } from '../../api/plan.ts'
import { samplePlan } from '../../../test/fixtures/sample-plan.ts'
import { InputError } from './input-error.ts'
import { parseDocument } from './parse-document.ts'

const revision = (spec: unknown) => ({
  apiVersion: API_GROUP_VERSION,
  kind: 'CpuFeatureProfileRevision',
  metadata: { name: 'r' },
  spec,
})

const refusal = (spec: unknown): string => {
  try {
    parseDocument(revision(spec), 'r.yaml', 'r')
  } catch (error) {
    assert.ok(error instanceof InputError)
    return error.message
  }
  return 'none'
}

describe('a revision of a newer version', () => {
  it('is refused by the names that this version does not know, all of them', () => {
    const changes: Partial<Plan> = {
      registers: [{ register: 'ID_AA64NEW9_EL1', mask: '0x1', value: '0x0' }],
      atMost: [{ register: 'ID_AA64ISAR0_EL1', field: 'NEW', value: 1 }],
      requiredFeatures: ['FEAT_NEW9'],
    }
    assert.equal(
      refusal(samplePlan(changes)),
      'r.yaml: this version does not know ID_AA64NEW9_EL1, ID_AA64ISAR0_EL1.NEW, FEAT_NEW9: use the version that compiled the revision',
    )
    assert.equal(refusal(samplePlan()), 'none')
  })
})
