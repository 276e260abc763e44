import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { silence, SILENT_AFTER_MS, type UnreportedNode } from './silent-nodes.ts'

const NOW = Date.parse('2026-01-01T12:00:00Z')
const MINUTE = 60_000

const node = (name: string, ageMs: number, architecture?: string): UnreportedNode => ({
  node: name,
  architecture,
  createdMs: NOW - ageMs,
})

const judge = (nodes: readonly UnreportedNode[], waitedMs?: number) => {
  const waitingSinceMs = waitedMs === undefined ? undefined : NOW - waitedMs
  const { nodes: found, changesInMs } = silence(nodes, { nowMs: NOW, waitingSinceMs })
  return { waitedFor: found.waitedFor, silent: found.silent.map((one) => one.node), changesInMs, found }
}

describe('a selected node without a report', () => {
  it('is waited for while the profile has waited for less than the time, however old the node is', () => {
    const { waitedFor, silent, changesInMs } = judge([node('b', 1e9), node('a', 1e9, 'arm64')], MINUTE)
    assert.deepEqual([waitedFor, silent], [['a', 'b'], []])
    assert.equal(changesInMs, SILENT_AFTER_MS - MINUTE)
  })

  it('is waited for while it is new, however long the profile has waited', () => {
    const { waitedFor, silent, changesInMs } = judge([node('new', 2 * MINUTE), node('old', 1e9)], 1e9)
    assert.deepEqual([waitedFor, silent], [['new'], ['old']])
    assert.equal(changesInMs, SILENT_AFTER_MS - 2 * MINUTE)
  })

  it('is left out once the time is over, with the reason', () => {
    const { waitedFor, silent, changesInMs, found } = judge([node('a', SILENT_AFTER_MS)], SILENT_AFTER_MS)
    assert.deepEqual([waitedFor, silent, changesInMs], [[], ['a'], undefined])
    assert.match(found.silent[0]?.why ?? '', /no node-agent has reported there for 10 minutes/)
  })

  it('of another architecture is never waited for', () => {
    const { waitedFor, silent, changesInMs, found } = judge([node('x86', 0, 'amd64')], 0)
    assert.deepEqual([waitedFor, silent, changesInMs], [[], ['x86'], undefined])
    assert.match(found.silent[0]?.why ?? '', /amd64; restrict base\.nodes\.selector/)
  })

  it('of a profile that waits for none is judged by its age alone', () => {
    const { waitedFor, silent } = judge([node('new', MINUTE), node('old', 1e9)])
    assert.deepEqual([waitedFor, silent], [['new'], ['old']])
  })
})
