import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { decideNodeLabels, type LabelDecision, type NodeFacts } from './decide-node-labels.ts'

const CLASS = 'cpufeatures.dev/class'
const FLEET = 'rev.cpufeatures.dev/fleet-1'
const none = new Set<string>()
const CLASS_A = { kind: 'class', name: 'aaaa' } as const

const CASES: Record<string, { facts: NodeFacts; decision: LabelDecision }> = {
  'a new node gets its class and the revisions that fit': {
    facts: { labels: { zone: 'a' }, hostClass: CLASS_A, fitting: ['fleet-1'], required: none },
    decision: { kind: 'patch', labels: { [CLASS]: 'aaaa', [FLEET]: '' }, removes: [] },
  },
  'a node that has them is left alone': {
    facts: {
      labels: { zone: 'a', [CLASS]: 'aaaa', [FLEET]: '' },
      hostClass: CLASS_A,
      fitting: ['fleet-1'],
      required: none,
    },
    decision: { kind: 'nothing' },
  },
  'a changed class is written': {
    facts: { labels: { [CLASS]: 'bbbb' }, hostClass: CLASS_A, fitting: [], required: none },
    decision: { kind: 'patch', labels: { [CLASS]: 'aaaa' }, removes: [] },
  },
  'a revision that fits no more, or lives no more, loses its label': {
    facts: { labels: { [CLASS]: 'aaaa', [FLEET]: '' }, hostClass: CLASS_A, fitting: [], required: none },
    decision: { kind: 'patch', labels: { [FLEET]: null }, removes: ['fleet-1'] },
  },
  'a label that a bound pod requires stays, whatever the hardware says': {
    facts: {
      labels: { [CLASS]: 'aaaa', [FLEET]: '' },
      hostClass: CLASS_A,
      fitting: [],
      required: new Set(['fleet-1']),
    },
    decision: { kind: 'nothing' },
  },
  'a label that a bound pod requires stays though the report is gone': {
    facts: {
      labels: { [CLASS]: 'aaaa', [FLEET]: '' },
      hostClass: { kind: 'none' },
      fitting: [],
      required: new Set(['fleet-1']),
    },
    decision: { kind: 'patch', labels: { [CLASS]: null }, removes: [] },
  },
  'a label that a bound pod requires comes back: the pod was bound while it went': {
    facts: {
      labels: { [CLASS]: 'aaaa' },
      hostClass: CLASS_A,
      fitting: [],
      required: new Set(['fleet-1']),
    },
    decision: { kind: 'patch', labels: { [FLEET]: '' }, removes: [] },
  },
  'a node without a usable KVM loses all of ours and nothing else': {
    facts: {
      labels: { zone: 'a', [CLASS]: 'aaaa', [FLEET]: '' },
      hostClass: { kind: 'none' },
      fitting: [],
      required: none,
    },
    decision: { kind: 'patch', labels: { [CLASS]: null, [FLEET]: null }, removes: ['fleet-1'] },
  },
  'nothing is decided before the agent has looked': {
    facts: { labels: { [FLEET]: '' }, hostClass: { kind: 'pending' }, fitting: [], required: none },
    decision: { kind: 'nothing' },
  },
  'a label of another value is set right': {
    facts: {
      labels: { [CLASS]: 'aaaa', [FLEET]: 'x' },
      hostClass: CLASS_A,
      fitting: ['fleet-1'],
      required: none,
    },
    decision: { kind: 'patch', labels: { [FLEET]: '' }, removes: [] },
  },
}

describe('the labels of a node', () => {
  for (const [name, { facts, decision }] of Object.entries(CASES))
    it(name, () => {
      assert.deepEqual(decideNodeLabels(facts), decision)
    })

  it('are right after one patch: a second decision is to do nothing', () => {
    for (const { facts } of Object.values(CASES)) {
      const first = decideNodeLabels(facts)
      if (first.kind === 'nothing') continue
      const labels = Object.fromEntries(
        Object.entries({ ...facts.labels, ...first.labels }).filter(
          (entry): entry is [string, string] => entry[1] !== null,
        ),
      )
      assert.deepEqual(decideNodeLabels({ ...facts, labels }), { kind: 'nothing' })
    }
  })
})
