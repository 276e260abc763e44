import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { LabelSelector } from '../api/cpu-feature-profile.ts'
import { matchesSelector, selectsAll } from './label-selector.ts'

const LABELS = { zone: 'a', arch: 'arm64' }

const CASES: Record<string, { selector: LabelSelector; matches: boolean }> = {
  'an empty selector matches': { selector: {}, matches: true },
  'an equal label matches': { selector: { matchLabels: { zone: 'a' } }, matches: true },
  'another value does not': { selector: { matchLabels: { zone: 'b' } }, matches: false },
  'every label must match': { selector: { matchLabels: { zone: 'a', rack: '1' } }, matches: false },
  'In matches one of the values': {
    selector: { matchExpressions: [{ key: 'zone', operator: 'In', values: ['b', 'a'] }] },
    matches: true,
  },
  'In does not match an absent label': {
    selector: { matchExpressions: [{ key: 'rack', operator: 'In', values: ['1'] }] },
    matches: false,
  },
  'NotIn matches an absent label': {
    selector: { matchExpressions: [{ key: 'rack', operator: 'NotIn', values: ['1'] }] },
    matches: true,
  },
  'NotIn does not match a named value': {
    selector: { matchExpressions: [{ key: 'zone', operator: 'NotIn', values: ['a'] }] },
    matches: false,
  },
  'Exists wants the label': {
    selector: { matchExpressions: [{ key: 'rack', operator: 'Exists' }] },
    matches: false,
  },
  'DoesNotExist wants none': {
    selector: { matchExpressions: [{ key: 'zone', operator: 'DoesNotExist' }] },
    matches: false,
  },
  'labels and expressions must both hold': {
    selector: { matchLabels: { zone: 'a' }, matchExpressions: [{ key: 'arch', operator: 'DoesNotExist' }] },
    matches: false,
  },
}

describe('a label selector', () => {
  for (const [name, { selector, matches }] of Object.entries(CASES))
    it(name, () => {
      assert.equal(matchesSelector(selector, LABELS), matches)
    })

  it('selects all only when it says nothing', () => {
    assert.ok(selectsAll({}))
    assert.ok(selectsAll({ matchLabels: {}, matchExpressions: [] }))
    assert.ok(!selectsAll({ matchLabels: { zone: 'a' } }))
    assert.ok(!selectsAll({ matchExpressions: [{ key: 'zone', operator: 'Exists' }] }))
  })
})
