import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { NO_REFUSALS } from '../../../../test/doubles/no-refusals.ts'
import { fixtureHost } from '../../../../test/fixtures/host-documents.ts'
import {
  cpuFeatureProfileSpec,
  type CpuFeatureProfile,
  type CpuFeatureProfileStatus,
} from '../../../api/cpu-feature-profile.ts'
import type { HostClassEntry } from '../../host-class-index.ts'
import { Judgements } from '../../judgements.ts'
import type { ReconcilerContext } from '../../reconciler.ts'
import { SILENT_AFTER_MS } from '../../silent-nodes.ts'
import { decideProfile } from './decide-profile.ts'
import { gatherProfile } from './gather-profile.ts'

const START = Date.parse('2026-01-01T12:00:00Z')
const POOL = { matchLabels: { pool: 'vms' } }

const V1: HostClassEntry = {
  class: 'v1',
  host: fixtureHost('neoverse-v1-6.18'),
  nodes: ['n1'],
  kernel: '6.18',
}

const profile = (status?: CpuFeatureProfileStatus): CpuFeatureProfile => ({
  apiVersion: 'cpufeatures.dev/v1alpha1',
  kind: 'CpuFeatureProfile',
  metadata: { name: 'fleet', generation: 1 },
  spec: cpuFeatureProfileSpec.parse({ base: { nodes: { selector: POOL } } }),
  ...(status === undefined ? {} : { status }),
})

/** Gathers in a fleet of one node with a report and one without, as many ms after the start. */
const gather = (afterMs: number, status?: CpuFeatureProfileStatus) => {
  const context = {
    clock: { now: () => START + afterMs },
    judgements: new Judgements(NO_REFUSALS),
    state: {
      classes: { entries: () => [V1], total: 1, withoutKvm: 0 },
      selection: () => ({
        perClass: new Map([['v1', 1]]),
        unreported: [{ node: 'n2', architecture: 'arm64', createdMs: START - 1e9 }],
      }),
      baselines: { get: () => undefined },
      revisions: { get: () => undefined },
      podsByProfile: { of: () => [] },
    },
  } as unknown as ReconcilerContext
  const { facts, changesInMs } = gatherProfile(context, profile(status))
  return { decision: decideProfile(facts), changesInMs }
}

describe('a profile that waits for a silent node', () => {
  it('is looked at again when the node is left out, then takes its baseline, and names the node', () => {
    const first = gather(0)
    assert.equal(first.decision.conditions[1]?.reason, 'WaitingForNodes')
    assert.equal(first.decision.status.waitingSince, '2026-01-01T12:00:00Z')
    assert.equal(first.changesInMs, SILENT_AFTER_MS)

    const later = gather(SILENT_AFTER_MS - 1000, first.decision.status)
    assert.equal(later.decision.conditions[1]?.reason, 'WaitingForNodes')
    assert.deepEqual(later.decision.status, first.decision.status)
    assert.equal(later.changesInMs, 1000)

    const taken = gather(SILENT_AFTER_MS, later.decision.status)
    assert.equal(taken.decision.conditions[1]?.reason, 'Compiled')
    assert.equal(taken.decision.status.waitingSince, undefined)
    assert.match(taken.decision.status.notes?.join('\n') ?? '', /node n2 is selected and left out/)
    assert.equal(taken.changesInMs, undefined)
    assert.deepEqual(gather(SILENT_AFTER_MS, taken.decision.status).decision.status, taken.decision.status)
  })

  it('waits anew if it must take its baseline again, however long the node has been silent', () => {
    const { status } = gather(SILENT_AFTER_MS, gather(0).decision.status).decision
    const { baseline } = status
    assert.ok(baseline)
    const again = gather(1e8, { ...status, baseline: { ...baseline, generation: 0 } })
    assert.equal(again.decision.conditions[1]?.reason, 'WaitingForNodes')
    assert.equal(again.changesInMs, SILENT_AFTER_MS)
  })
})
