import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { CpuFeatureProfile, CpuFeatureProfileStatus } from '../../../api/cpu-feature-profile.ts'
import type { Pod } from '../../pod.ts'
import type { RevisionFit } from '../../revision-fit.ts'
import type { MigrationSource } from '../../migration/decide-source.ts'
import { decidePod, type PodDecision, type PodFacts } from './decide-pod.ts'
import { podCondition } from './pod-condition.ts'

const pod = (overrides: { metadata?: object; spec?: object; status?: object } = {}): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name: 'vm',
    namespace: 'default',
    labels: { 'cpufeatures.dev/profile': 'fleet' },
    ...overrides.metadata,
  },
  spec: { schedulingGates: [{ name: 'cpufeatures.dev/profile' }], ...overrides.spec },
  status: { phase: 'Pending', ...overrides.status },
})

const condition = (type: string, status: 'True' | 'False', message = 'because') => ({
  type,
  status,
  reason: 'Reason',
  message,
  lastTransitionTime: '2026-01-01T00:00:00Z',
})

/** A status of a profile that no revision was ever made of. */
const NEVER_COMPILED = 'never compiled'

const profile = (
  states: { accepted?: boolean; compiled?: boolean; schedulable?: boolean },
  status: Partial<CpuFeatureProfileStatus> | typeof NEVER_COMPILED = {},
): CpuFeatureProfile => ({
  apiVersion: 'cpufeatures.dev/v1alpha1',
  kind: 'CpuFeatureProfile',
  metadata: { name: 'fleet', generation: 2 },
  spec: { base: { host: {} }, enforcement: 'Strict' },
  status: {
    observedGeneration: 2,
    ...(status === NEVER_COMPILED ? {} : { currentRevision: 'fleet-1', ...status }),
    conditions: [
      condition('Accepted', states.accepted === false ? 'False' : 'True'),
      condition('Compiled', states.compiled === false ? 'False' : 'True'),
      condition('Schedulable', states.schedulable === false ? 'False' : 'True'),
    ],
  },
})

const FITS: RevisionFit = { fits: true }
const UNFIT: RevisionFit = { fits: false, reason: 'NoCompatibleNode', why: 'FEAT_SME is required and absent' }

const pinnedPod = (revision: string, spec: object = {}): Pod =>
  pod({
    metadata: { annotations: { 'cpufeatures.dev/revision': revision } },
    spec: { schedulingGates: [], ...spec },
  })

const CASES: Record<
  string,
  {
    pod: Pod
    profile?: CpuFeatureProfile
    source?: MigrationSource
    canHold?: boolean
    breakGlass?: string
    fits?: Partial<PodFacts['fits']>
    decision: PodDecision
  }
> = {
  'a gated pod of a profile with fitting nodes is pinned': {
    pod: pod(),
    profile: profile({}),
    decision: { kind: 'pin', profile: 'fleet', revision: 'fleet-1' },
  },
  'it waits while its revision cannot be held': {
    pod: pod(),
    profile: profile({}),
    canHold: false,
    decision: { kind: 'wait' },
  },
  'it stays gated while break-glass is on, and is told how to go on': {
    pod: pod(),
    profile: profile({}),
    breakGlass: 'the holder crashes',
    decision: {
      kind: 'hold',
      reason: 'BreakGlass',
      message:
        'break-glass is on (the holder crashes), so no pod is pinned. Delete the pod to run its VM without the profile: ' +
        'the one that replaces it is not held. Or wait until break-glass is off',
    },
  },
  'a pinned pod stays what it is while break-glass is on': {
    pod: pinnedPod('fleet-1'),
    profile: profile({}),
    breakGlass: '',
    decision: { kind: 'pinned', revision: 'fleet-1' },
  },
  'it waits while the profile in its present form was not looked at': {
    pod: pod(),
    profile: profile({}, { observedGeneration: 1 }),
    decision: { kind: 'wait' },
  },
  'it is pinned though no node fits now: the scheduler says so where people look': {
    pod: pod(),
    profile: profile({ schedulable: false }),
    fits: { current: UNFIT },
    decision: { kind: 'pin', profile: 'fleet', revision: 'fleet-1' },
  },
  'it is pinned to the last revision that compiled, though the profile has a mistake now': {
    pod: pod(),
    profile: profile({ accepted: false, compiled: false }),
    decision: { kind: 'pin', profile: 'fleet', revision: 'fleet-1' },
  },
  'it waits while another party has a gate, and is not written': {
    pod: pod({
      spec: { schedulingGates: [{ name: 'other.example/gate' }, { name: 'cpufeatures.dev/profile' }] },
    }),
    decision: { kind: 'wait' },
  },
  'it is held where the profile is not accepted, with what is wrong': {
    pod: pod(),
    profile: profile({ accepted: false, compiled: false, schedulable: false }, NEVER_COMPILED),
    decision: {
      kind: 'hold',
      reason: 'ProfileNotAccepted',
      message: 'profile fleet is not accepted: because',
    },
  },
  'it is held where the profile is not compiled': {
    pod: pod(),
    profile: profile({ compiled: false, schedulable: false }, NEVER_COMPILED),
    decision: {
      kind: 'hold',
      reason: 'ProfileNotCompiled',
      message: 'profile fleet is not compiled: because',
    },
  },
  'it is held where there is no such profile': {
    pod: pod(),
    decision: {
      kind: 'hold',
      reason: 'ProfileNotFound',
      message:
        'there is no CpuFeatureProfile fleet; create it, or delete the pod and label it with one that exists',
    },
  },
  'the target of a migration gets the revision of its VM, whatever the profile says by now': {
    pod: pod(),
    profile: profile({}, { observedGeneration: 1 }),
    source: { kind: 'source', revision: 'fleet-0', node: 'n1' },
    decision: { kind: 'pin', profile: 'fleet', revision: 'fleet-0' },
  },
  'it gets it though the profile is gone': {
    pod: pod(),
    source: { kind: 'source', revision: 'fleet-0', node: 'n1' },
    decision: { kind: 'pin', profile: 'fleet', revision: 'fleet-0' },
  },
  'it is held where the revision of its VM is gone': {
    pod: pod(),
    profile: profile({}),
    source: { kind: 'source', revision: 'fleet-0', node: 'n1' },
    canHold: false,
    decision: {
      kind: 'hold',
      reason: 'MigrationSourceUnknown',
      message:
        'its VM runs with revision fleet-0, which is gone or is being deleted: restart the VM to get the current one',
    },
  },
  'it gets none where its VM has none, though nothing can be held': {
    pod: pod(),
    profile: profile({}),
    source: { kind: 'source', revision: 'none', node: 'n1' },
    canHold: false,
    decision: { kind: 'pin', profile: 'fleet', revision: 'none' },
  },
  'it is held where nobody knows the revision of its VM': {
    pod: pod(),
    profile: profile({}),
    source: { kind: 'unknown', why: 'no pod runs that has its VM' },
    decision: {
      kind: 'hold',
      reason: 'MigrationSourceUnknown',
      message:
        'the pod is the target of a migration, and must get the revision with which its VM runs: no pod runs that has its VM',
    },
  },
  'it is held where its label names another profile than that of its running VM': {
    pod: pod(),
    profile: profile({}),
    source: { kind: 'source', revision: 'other-1', node: 'n1' },
    decision: {
      kind: 'hold',
      reason: 'MigrationSourceUnknown',
      message:
        'its VM runs with revision other-1, and the pod names profile fleet. A running VM keeps its profile: ' +
        'give the VirtualMachineInstance its label cpufeatures.dev/profile back, delete the migration, and begin another one',
    },
  },
  'it waits while another party has a gate, as any pod': {
    pod: pod({
      spec: { schedulingGates: [{ name: 'other.example/gate' }, { name: 'cpufeatures.dev/profile' }] },
    }),
    source: { kind: 'source', revision: 'fleet-0', node: 'n1' },
    decision: { kind: 'wait' },
  },
  'a pod without a profile is none of ours': {
    pod: pod({ metadata: { labels: {} } }),
    profile: profile({}),
    decision: { kind: 'nothing' },
  },
  'a pod that is being deleted stays as it is': {
    pod: pod({ metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } }),
    profile: profile({}),
    decision: { kind: 'nothing' },
  },
  'a finished pod stays as it is': {
    pod: pod({ status: { phase: 'Failed' } }),
    profile: profile({}),
    decision: { kind: 'nothing' },
  },
  'a pod that was never gated stays as it is': {
    pod: pod({ spec: { schedulingGates: [] } }),
    profile: profile({}),
    decision: { kind: 'nothing' },
  },
  'a pinned pod is said to be, whatever became of the profile': {
    pod: pinnedPod('fleet-0'),
    decision: { kind: 'pinned', revision: 'fleet-0' },
  },
  'a pinned pod that no node fits is told why': {
    pod: pinnedPod('fleet-1'),
    profile: profile({}),
    fits: { pinned: UNFIT, current: UNFIT },
    decision: {
      kind: 'stranded',
      reason: 'NoCompatibleNode',
      message: 'no node fits revision fleet-1, to which the pod is pinned: FEAT_SME is required and absent',
    },
  },
  'a pinned pod that no node fits is told to restart where the current revision fits': {
    pod: pinnedPod('fleet-0'),
    profile: profile({}),
    fits: { pinned: UNFIT, current: FITS },
    decision: {
      kind: 'stranded',
      reason: 'Superseded',
      message:
        'no node fits revision fleet-0, to which the pod is pinned: FEAT_SME is required and absent. ' +
        'Nodes fit fleet-1, the current revision of its profile: restart the VM to get it',
    },
  },
  'a pod that has a node is pinned, whatever fits now': {
    pod: pinnedPod('fleet-0', { nodeName: 'n1' }),
    profile: profile({}),
    fits: { pinned: UNFIT, current: FITS },
    decision: { kind: 'pinned', revision: 'fleet-0' },
  },
}

describe('a pod', () => {
  for (const [name, { pod, profile, source, canHold, breakGlass, fits, decision }] of Object.entries(CASES))
    it(name, () => {
      const facts = { pod, profile, source, breakGlass, canHold: canHold ?? true }
      assert.deepEqual(
        decidePod({ ...facts, fits: { pinned: undefined, current: undefined, ...fits } }),
        decision,
      )
    })
})

describe('the condition of a pod', () => {
  it('is False with a warning while it is held, True once pinned, and silent else', () => {
    const held = podCondition({ kind: 'hold', reason: 'NoNodes', message: 'm' })
    assert.equal(held?.condition.status, 'False')
    assert.equal(held.event.type, 'Warning')
    assert.equal(podCondition({ kind: 'pinned', revision: 'r' })?.condition.status, 'True')
    for (const decision of [{ kind: 'nothing' }, { kind: 'wait' }] as const)
      assert.equal(podCondition(decision), undefined)
  })

  it('comes with an Event that two controllers tell once if the pod is pinned, and again if it is held again', () => {
    assert.equal(podCondition({ kind: 'pinned', revision: 'r' })?.event.id, 'Pinned')
    assert.equal(podCondition({ kind: 'hold', reason: 'NoNodes', message: 'm' })?.event.id, undefined)
  })
})
