import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { nodeCpuFeaturesStatus } from '../../api/node-cpu-features.ts'
import { newRefusals } from './new-refusals.ts'
import { trialFindings, type TrialOutcome } from './trial-findings.ts'
import { trialsCondition } from './trials-condition.ts'

const refused = (count: number): TrialOutcome => ({
  kind: 'refused',
  places: Array.from({ length: count }, () => ({
    register: 'ID_AA64ISAR0_EL1',
    field: 'RNDR',
    wanted: '0',
    shown: '1',
    errno: 'EINVAL',
  })),
})
const FAILED: TrialOutcome = { kind: 'failed', why: 'ioctl KVM_CREATE_VM: ENOMEM' }

const said = (outcomes: Record<string, TrialOutcome>) =>
  trialsCondition(trialFindings(new Map(Object.entries(outcomes))))

describe('the condition TrialsPassed', () => {
  it('is True where no revision was refused, also if none should fit', () => {
    assert.partialDeepStrictEqual(said({}), { status: 'True', reason: 'TrialsPassed' })
    assert.equal(
      said({ a: { kind: 'applied' }, b: { kind: 'unfit' }, c: { kind: 'unreadable' } }).status,
      'True',
    )
  })

  it('is False where one was refused, and names it with its registers and what helps', () => {
    const { status, reason, message } = said({ 'b-1': { kind: 'applied' }, 'a-1': refused(1), 'c-1': FAILED })
    assert.deepEqual([status, reason], ['False', 'RevisionRefused'])
    assert.match(
      message,
      /revision a-1 .*ID_AA64ISAR0_EL1\.RNDR \(wanted 0, shows 1, EINVAL\)\. The controller no/,
    )
  })

  it('is Unknown where a trial could not be made', () => {
    const { status, message } = said({ 'a-1': FAILED })
    assert.equal(status, 'Unknown')
    assert.match(message, /revision a-1 could not be tried.*ENOMEM.*restarts/)
  })
})

describe('the refusals in a report', () => {
  it('are those of refused revisions only, sorted', () => {
    const { refused: list } = trialFindings(
      new Map([
        ['c', refused(1)],
        ['b', FAILED],
        ['a', refused(1)],
        ['d', { kind: 'unreadable' as const }],
      ]),
    )
    assert.deepEqual(
      list.map(({ revision }) => revision),
      ['a', 'c'],
    )
  })

  it('fit into the schema, however many there are', () => {
    const names = Array.from(
      { length: 200 },
      (_, index) => `${'x'.repeat(60)}${String(index).padStart(3, '0')}`,
    )
    const { refused: refusedRevisions } = trialFindings(new Map(names.map((name) => [name, refused(20)])))
    nodeCpuFeaturesStatus.parse({ refusedRevisions })
    assert.equal(refusedRevisions.length, 128)
    assert.equal(refusedRevisions[0]?.moreRefused, 12)
  })

  it('are told once: those that the report had before are known', () => {
    const findings = trialFindings(
      new Map([
        ['a', refused(1)],
        ['b', refused(1)],
      ]),
    )
    const told = newRefusals(findings, { refusedRevisions: [{ revision: 'a', refused: [] }] })
    assert.deepEqual(
      told.map(({ revision }) => revision),
      ['b'],
    )
    assert.deepEqual(newRefusals(undefined, undefined), [])
  })
})
