import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Condition } from '../api/condition.ts'
import { setCondition } from './set-condition.ts'
import { unchanged } from './unchanged.ts'

const first = Date.UTC(2026, 0, 1)
const later = first + 60_000
const WANTED = { type: 'Ready', status: 'False', reason: 'Waiting', message: 'for a node' } as const

describe('setCondition', () => {
  const list: readonly Condition[] = setCondition([], WANTED, first)

  it('gives the same list back where nothing changes', () => {
    assert.equal(setCondition(list, WANTED, later), list)
  })

  it('keeps the time of the last transition while the status stays', () => {
    const [condition] = setCondition(list, { ...WANTED, reason: 'Other' }, later)
    assert.deepEqual(condition, { ...WANTED, reason: 'Other', lastTransitionTime: '2026-01-01T00:00:00Z' })
  })

  it('stamps a transition, and leaves the other conditions alone', () => {
    const two = setCondition(list, { ...WANTED, type: 'Other' }, first)
    const changed = setCondition(two, { ...WANTED, status: 'True' }, later)
    assert.equal(changed[0]?.lastTransitionTime, '2026-01-01T00:01:00Z')
    assert.equal(changed[1], two[1])
  })
})

describe('unchanged', () => {
  it('knows neither the order of keys nor fields that are undefined, but the order of lists', () => {
    assert.ok(unchanged<object>({ a: 1, b: { c: [1, 2] } }, { b: { c: [1, 2], d: undefined }, a: 1 }))
    assert.ok(!unchanged<object>({ a: [1, 2] }, { a: [2, 1] }))
    assert.ok(!unchanged<object>({ a: [1] }, { a: { 0: 1 } }))
    assert.ok(!unchanged<object>({ a: null }, {}))
    assert.ok(!unchanged<object>({}, undefined))
  })

  it('looks at what the caller owns only', () => {
    const labels = (node: { labels: Record<string, string> }) => node.labels['ours']
    assert.ok(unchanged({ labels: { ours: 'x' } }, { labels: { ours: 'x', theirs: 'y' } }, labels))
  })
})
