import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { samplePlan } from '../../../test/fixtures/sample-plan.ts'
import { API_GROUP_VERSION } from '../../api/names.ts'
import { revisionName } from '../../plan/revision-name.ts'
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

  it('is loaded with a note where somebody changed it after it had got its name', () => {
    const named = (name: string): string =>
      JSON.stringify({ ...(JSON.parse(revision(samplePlan())) as object), metadata: { name } })
    const notesOf = (name: string): readonly string[] => {
      const loaded = parsePlanFile('plan.yaml', named(name))
      assert.ok(loaded.kind === 'loaded')
      return loaded.notes
    }
    assert.deepEqual(notesOf(revisionName('fleet', samplePlan())), [])
    assert.match(notesOf('fleet-0123456789').join(), /^the revision fleet-0123456789 was changed:/)
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
