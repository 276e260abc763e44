import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fixtureHost } from '../../test/fixtures/host-documents.ts'
import type { Plan } from '../api/plan.ts'
import { samplePlan } from '../../test/fixtures/sample-plan.ts'
import { revisionName } from '../plan/revision-name.ts'
import { NO_REFUSALS } from '../../test/doubles/no-refusals.ts'
import { Judgements } from './judgements.ts'

const plan = (counterFrequency?: number): Plan =>
  samplePlan({ untrapped: counterFrequency === undefined ? {} : { counterFrequency } })

describe('judgements', () => {
  const v1 = fixtureHost('neoverse-v1-6.18')
  const ghz = fixtureHost('neoverse-n2-1ghz-6.18')

  it('are made once for a revision and a class', () => {
    const judgements = new Judgements(NO_REFUSALS)
    const first = judgements.verdict('r', plan(), v1)
    assert.equal(first.kind, 'compatible')
    assert.equal(judgements.verdict('r', plan(), v1), first)
    assert.equal(judgements.reach('r', plan(), v1, ghz), judgements.reach('r', plan(), v1, ghz))
    assert.equal(judgements.reach('r', plan(), v1, ghz).kind, 'never')
  })

  it('differ between revisions and between classes', () => {
    const judgements = new Judgements(NO_REFUSALS)
    judgements.verdict('any', plan(), v1)
    assert.equal(judgements.verdict('ghz', plan(1_000_000_000), v1).kind, 'incompatible')
    assert.notEqual(judgements.verdict('any', plan(), ghz), judgements.verdict('any', plan(), v1))
  })

  it('say that no host fits a stored plan with a key, or a value, that this version does not know', () => {
    const newer: readonly (readonly [object, string])[] = [
      [{ topology: 'Flat' }, 'spec.topology'],
      [{ untrapped: { cacheLine: 64 } }, 'spec.untrapped.cacheLine'],
      [{ formatVersion: 2 }, 'spec.formatVersion'],
    ]
    for (const [more, place] of newer) {
      const judged = new Judgements(NO_REFUSALS).verdict('r', { ...plan(), ...more }, v1)
      assert.ok(judged.kind === 'incompatible')
      assert.deepEqual(
        judged.findings.map(({ reason, wanted }) => [reason, wanted]),
        [['UnknownRegister', place]],
      )
    }
  })

  it('say that no host fits a plan that is not the one its revision is named for', () => {
    const compiled = plan()
    const name = revisionName('fleet', compiled)
    assert.equal(new Judgements(NO_REFUSALS).verdict(name, compiled, v1).kind, 'compatible')
    const named = revisionName('fleet', plan(1_000_000_000))
    const judged = new Judgements(NO_REFUSALS).verdict(named, compiled, v1)
    assert.ok(judged.kind === 'incompatible')
    assert.deepEqual(
      judged.findings.map(({ reason }) => reason),
      ['RevisionAltered'],
    )
  })

  it('go by what a node of the class refuses in a trial, for as long as it does', () => {
    const refused = {
      revision: 'r',
      refused: [{ register: 'ID_AA64ISAR0_EL1', wanted: '0', shown: '1', errno: 'EINVAL' }],
    }
    let refusing = true
    const judgements = new Judgements({
      refusal: (host, revision) =>
        refusing && host === v1 && revision === 'r' ? { node: 'n1', refused } : undefined,
    })
    const judged = judgements.verdict('r', plan(), v1)
    assert.ok(judged.kind === 'incompatible')
    const [finding] = judged.findings
    assert.partialDeepStrictEqual(finding, {
      reason: 'TrialRefused',
      register: 'ID_AA64ISAR0_EL1',
      wanted: '0',
      limit: '1 (EINVAL)',
    })
    assert.match(finding?.remedy ?? '', /NodeCpuFeatures n1/)
    assert.equal(judgements.verdict('r', plan(), ghz).kind, 'compatible')
    assert.equal(judgements.verdict('other', plan(), v1).kind, 'compatible')
    refusing = false
    assert.equal(judgements.verdict('r', plan(), v1).kind, 'compatible')
  })

  it('name what the engine found where it predicts no fit, whatever nodes refuse', () => {
    const judged = new Judgements({ refusal: () => assert.fail('asked') }).verdict('r', plan(1), v1)
    assert.ok(judged.kind === 'incompatible')
    assert.equal(judged.findings[0]?.reason, 'CounterFrequencyDiffers')
  })

  it('are made anew once their revision was forgotten', () => {
    const judgements = new Judgements(NO_REFUSALS)
    const first = judgements.verdict('r', plan(), v1)
    judgements.forget('r')
    assert.notEqual(judgements.verdict('r', plan(), v1), first)
  })
})
