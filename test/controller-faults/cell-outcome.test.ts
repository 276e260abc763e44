import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { cellOutcome, isDefect, type ClusterSnapshot, type SeenCell } from './cell-outcome.ts'

const STATE: ClusterSnapshot = {
  objects: {
    'Pod vm': { gates: [], annotations: { revision: 'fleet-1' } },
    'Node n1': { labels: { a: '' } },
  },
  events: ['vm Pinned', 'fleet Compiled'],
}

const outcome = (seen: Partial<SeenCell> = {}): string =>
  cellOutcome({ wasCaused: true, isAtRest: true, expected: STATE, actual: STATE, ...seen })

const withPod = (pod: unknown): ClusterSnapshot => ({
  ...STATE,
  objects: { ...STATE.objects, 'Pod vm': pod },
})

describe('the outcome of a fault at a request of the controller', () => {
  it('is the same where all objects are as without the fault', () => {
    assert.equal(outcome(), 'same')
    assert.ok(!isDefect('same; no event vm Pinned'))
  })

  it('says which events were lost, doubled or new', () => {
    const events = ['fleet Compiled', 'fleet Compiled', 'vm Waits']
    assert.equal(
      outcome({ actual: { ...STATE, events } }),
      'same; event fleet Compiled twice; no event vm Pinned; also event vm Waits',
    )
  })

  it('is a defect where an object differs, lacks or is too many, and says where', () => {
    const gated = outcome({ actual: withPod({ gates: ['ours'], annotations: {} }) })
    assert.equal(
      gated,
      'DIFFERS: Pod vm.gates is ["ours"] instead of []; Pod vm.annotations.revision is absent instead of "fleet-1"',
    )
    assert.ok(isDefect(gated))
    assert.equal(
      outcome({ actual: { ...STATE, objects: { ...STATE.objects, 'Node n2': 'x' } } }),
      'DIFFERS: Node n2 is "x" instead of absent',
    )
    assert.match(outcome({ actual: withPod(undefined) }), /^DIFFERS: Pod vm is absent/)
  })

  it('is a defect where the controller goes on writing, and where the fault was never caused', () => {
    assert.equal(outcome({ isAtRest: false }), 'RESTLESS')
    assert.equal(outcome({ wasCaused: false }), 'not reached')
    assert.ok(isDefect('RESTLESS') && isDefect('not reached'))
  })
})
