import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { CpuFeatureProfileRevision } from '../../../api/cpu-feature-profile-revision.ts'
import { samplePlan } from '../../../../test/fixtures/sample-plan.ts'
import { profileOfRevision } from '../../../plan/revision-name.ts'
import { decideRevision, type RevisionDecision } from './decide-revision.ts'

const revision = (how: {
  held?: boolean
  deleting?: boolean
  unlabelled?: boolean
}): CpuFeatureProfileRevision => ({
  apiVersion: 'cpufeatures.dev/v1alpha1',
  kind: 'CpuFeatureProfileRevision',
  metadata: {
    name: 'my-fleet-0123456789',
    labels: how.unlabelled === true ? {} : { 'cpufeatures.dev/profile': 'my-fleet' },
    ...(how.held === true ? { finalizers: ['other', 'cpufeatures.dev/revision-in-use'] } : {}),
    ...(how.deleting === true ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {}),
  },
  spec: samplePlan(),
})

const CASES: Record<
  string,
  {
    how: Parameters<typeof revision>[0]
    current: boolean | 'unknown'
    pinned: boolean
    decision: RevisionDecision
  }
> = {
  'current and unpinned: nothing': { how: {}, current: true, pinned: false, decision: { kind: 'nothing' } },
  'a pod is pinned: held': { how: {}, current: true, pinned: true, decision: { kind: 'hold' } },
  'a pod is pinned to an old one: held': {
    how: {},
    current: false,
    pinned: true,
    decision: { kind: 'hold' },
  },
  'held and still pinned: nothing': {
    how: { held: true },
    current: false,
    pinned: true,
    decision: { kind: 'nothing' },
  },
  'held and pinned no more: released': {
    how: { held: true },
    current: true,
    pinned: false,
    decision: { kind: 'release' },
  },
  'neither current nor pinned: deleted': {
    how: {},
    current: false,
    pinned: false,
    decision: { kind: 'delete' },
  },
  'its profile was not compiled yet: not deleted': {
    how: {},
    current: 'unknown',
    pinned: false,
    decision: { kind: 'nothing' },
  },
  'someone deletes it while a pod is pinned: stays held': {
    how: { held: true, deleting: true },
    current: true,
    pinned: true,
    decision: { kind: 'nothing' },
  },
  'someone deletes it and no pod is pinned: let go, even if current': {
    how: { held: true, deleting: true },
    current: true,
    pinned: false,
    decision: { kind: 'release' },
  },
  'deletion has begun without our finalizer: nothing more can be done': {
    how: { deleting: true },
    current: false,
    pinned: true,
    decision: { kind: 'nothing' },
  },
  'the label of its profile is gone: put back': {
    how: { unlabelled: true },
    current: true,
    pinned: false,
    decision: { kind: 'label', profile: 'my-fleet' },
  },
}

describe('a revision', () => {
  for (const [name, { how, current, pinned, decision }] of Object.entries(CASES))
    it(name, () => {
      assert.deepEqual(decideRevision({ revision: revision(how), current, pinned }), decision)
    })

  it('is named after its profile, whose name may have dashes', () => {
    assert.equal(profileOfRevision('my-fleet-0123456789'), 'my-fleet')
    assert.equal(profileOfRevision('nodash'), '')
  })
})
