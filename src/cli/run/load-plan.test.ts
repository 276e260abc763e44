import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { samplePlan } from '../../../test/fixtures/sample-plan.ts'
import { API_GROUP_VERSION } from '../../api/names.ts'
import { parsePlanFile } from './load-plan.ts'

const revision = (spec: object): string =>
  JSON.stringify({
    apiVersion: API_GROUP_VERSION,
    kind: 'CpuFeatureProfileRevision',
    metadata: { name: 'fleet-1', annotations: { 'example.com/any': 'thing' } },
    spec,
  })

describe("a plan's file", () => {
  it('is loaded, whatever else its object says', () => {
    const loaded = parsePlanFile('plan.yaml', revision(samplePlan()))
    assert.ok(loaded.kind === 'loaded')
    assert.deepEqual(loaded.plan, samplePlan())
  })

  it('is refused where its plan names what this version does not know: nothing is left out', () => {
    const loaded = parsePlanFile('plan.yaml', revision({ ...samplePlan(), debugRegisters: 4 }))
    assert.ok(loaded.kind === 'failed')
    assert.equal(
      loaded.message,
      'plan.yaml names what this version does not know: debugRegisters; use the version that compiled it',
    )
  })
})
