import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type {
  ClassStatus,
  CpuFeatureProfile,
  CpuFeatureProfileStatus,
} from '../../../api/cpu-feature-profile.ts'
import type { Pod } from '../../pod.ts'
import { decidePod, type PodDecision } from './decide-pod.ts'
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

const profile = (
  states: { accepted?: boolean; compiled?: boolean; schedulable?: boolean },
  status: Partial<CpuFeatureProfileStatus> = {},
): CpuFeatureProfile => ({
  apiVersion: 'cpufeatures.dev/v1alpha1',
  kind: 'CpuFeatureProfile',
  metadata: { name: 'fleet', generation: 2 },
  spec: { base: { host: {} }, enforcement: 'Strict' },
  status: {
    observedGeneration: 2,
    currentRevision: 'fleet-1',
    conditions: [
      condition('Accepted', states.accepted === false ? 'False' : 'True'),
      condition('Compiled', states.compiled === false ? 'False' : 'True'),
      condition('Schedulable', states.schedulable === false ? 'False' : 'True'),
    ],
    ...status,
  },
})

const unfit = (name: string, more = 0): ClassStatus => ({
  class: name,
  nodes: 2,
  sample: ['n1', 'n2'],
  midr: '0x411fd401',
  kernel: '6.18.0',
  compatible: false,
  findings: [
    {
      reason: 'FieldAboveLimit',
      register: 'ID_AA64ISAR0_EL1',
      field: 'RNDR',
      wanted: '1',
      limit: '0',
      remedy: 'no',
    },
  ],
  ...(more > 0 ? { moreFindings: more } : {}),
})

const CASES: Record<
  string,
  { pod: Pod; profile?: CpuFeatureProfile; canHold?: boolean; decision: PodDecision }
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
  'it waits while the profile in its present form was not looked at': {
    pod: pod(),
    profile: profile({}, { observedGeneration: 1 }),
    decision: { kind: 'wait' },
  },
  'it is held where the profile is not accepted, with what is wrong': {
    pod: pod(),
    profile: profile({ accepted: false, compiled: false, schedulable: false }),
    decision: {
      kind: 'hold',
      reason: 'ProfileNotAccepted',
      message: 'profile fleet is not accepted: because',
    },
  },
  'it is held where the profile is not compiled': {
    pod: pod(),
    profile: profile({ compiled: false, schedulable: false }),
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
    pod: pod({
      metadata: { annotations: { 'cpufeatures.dev/revision': 'fleet-0' } },
      spec: { schedulingGates: [] },
    }),
    decision: { kind: 'pinned', revision: 'fleet-0' },
  },
}

describe('a pod', () => {
  for (const [name, { pod, profile, canHold, decision }] of Object.entries(CASES))
    it(name, () => {
      assert.deepEqual(decidePod({ pod, profile, canHold: canHold ?? true }), decision)
    })

  it('that no node fits is held, and told why class by class', () => {
    const classes = [unfit('aaaa', 2), { ...unfit('bbbb'), nodes: 1, sample: ['n3'] }]
    const decision = decidePod({
      pod: pod(),
      profile: profile({ schedulable: false }, { classes }),
      canHold: true,
    })
    assert.equal(decision.kind, 'hold')
    assert.equal(decision.reason, 'NoCompatibleNode')
    assert.match(
      decision.message,
      /^no node fits revision fleet-1 of profile fleet: class aaaa \(2 nodes such as n1\): /,
    )
    assert.match(decision.message, /RNDR.*\(and 2 more findings\); class bbbb \(n3\): /)
  })

  it('is told within what an Event has room for', () => {
    const classes = Array.from({ length: 64 }, (_, index) => unfit(`class${index}`, index))
    const decision = decidePod({
      pod: pod(),
      profile: profile({ schedulable: false }, { classes }),
      canHold: true,
    })
    assert.ok(decision.kind === 'hold' && decision.message.length <= 1024)
    assert.match(decision.message, /and \d+ more classes: see status\.classes of the profile$/)
  })

  it('is told a reason that several classes have once', () => {
    const classes = [unfit('aaaa'), unfit('bbbb')]
    const decision = decidePod({
      pod: pod(),
      profile: profile({ schedulable: false }, { classes }),
      canHold: true,
    })
    assert.ok(decision.kind === 'hold')
    assert.equal(decision.message.match(/RNDR/g)?.length, 1)
    assert.match(decision.message, /class aaaa \(2 nodes such as n1\), class bbbb \(2 nodes such as n1\): /)
  })

  it('is told when no node has reported at all', () => {
    const status = { nodes: { total: 0, compatible: 0, summary: '0/0' }, classes: [] }
    const decision = decidePod({
      pod: pod(),
      profile: profile({ schedulable: false }, status),
      canHold: true,
    })
    assert.ok(decision.kind === 'hold')
    assert.match(decision.message, /is the node-agent running/)
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
})
