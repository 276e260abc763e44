import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { podInMemory } from './pod-in-memory.ts'
import { isFinished, pinnedRevisions } from '../api/pod-pin.ts'
import { profileOf, type Pod } from './pod.ts'

const pod = (overrides: Partial<Pod> = {}, annotations?: Record<string, string>): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'vm', namespace: 'default', ...(annotations === undefined ? {} : { annotations }) },
  spec: {},
  ...overrides,
})

const requiring = (...keys: string[]): Pod['spec'] => ({
  affinity: {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: keys.map((key) => ({ matchExpressions: [{ key, operator: 'Exists' }] })),
      },
    },
  },
})

const OURS = {
  type: 'cpufeatures.dev/Schedulable',
  status: 'False' as const,
  reason: 'NoCompatibleNode',
  message: 'none fits',
  lastTransitionTime: '2026-01-01T00:00:00Z',
}

const APPLIED = { ...OURS, type: 'cpufeatures.dev/Applied', reason: 'LaunchRefused' }
const OWNER = {
  apiVersion: 'kubevirt.io/v1',
  kind: 'VirtualMachineInstance',
  name: 'web',
  uid: '1',
  controller: true,
}

const REVISION = { 'cpufeatures.dev/revision': 'fleet-1' }

describe('the revisions a pod is pinned to', () => {
  it('are those of its annotation and of its required affinity, each once', () => {
    const spec = requiring('rev.cpufeatures.dev/fleet-1', 'zone', 'rev.cpufeatures.dev/other-2')
    assert.deepEqual(pinnedRevisions(pod({ spec }, REVISION)), ['fleet-1', 'other-2'])
  })

  it('are none while it is gated, because the pin comes with the removal of the gate', () => {
    const spec = { schedulingGates: [{ name: 'cpufeatures.dev/profile' }] }
    assert.deepEqual(pinnedRevisions(pod({ spec }, REVISION)), [])
  })

  it('stay while another gate holds the pod', () => {
    assert.deepEqual(pinnedRevisions(pod({ spec: { schedulingGates: [{ name: 'other' }] } }, REVISION)), [
      'fleet-1',
    ])
  })

  it('are none once it has finished', () => {
    for (const phase of ['Succeeded', 'Failed'])
      assert.deepEqual(pinnedRevisions(pod({ status: { phase } }, REVISION)), [])
    assert.deepEqual(pinnedRevisions(pod({ status: { phase: 'Running' } }, REVISION)), ['fleet-1'])
  })
})

describe('a pod', () => {
  it('with an empty profile label asks for none', () => {
    const labelled = (value: string) =>
      pod({ metadata: { name: 'vm', labels: { 'cpufeatures.dev/profile': value } } })
    assert.equal(profileOf(labelled('')), undefined)
    assert.equal(profileOf(labelled('fleet')), 'fleet')
  })

  it('is finished in its last two phases only', () => {
    assert.deepEqual(
      ['Pending', 'Running', 'Succeeded', 'Failed', 'Unknown'].map((phase) =>
        isFinished(pod({ status: { phase } })),
      ),
      [false, false, true, true, false],
    )
  })
})

describe('a pod in memory', () => {
  it('keeps what the controller reads and drops the rest', () => {
    const whole = {
      ...pod({}, { ...REVISION, big: 'x'.repeat(1000) }),
      metadata: {
        ...pod({}, { ...REVISION, big: 'x'.repeat(1000) }).metadata,
        ownerReferences: [{ ...OWNER, controller: false }, OWNER],
      },
      spec: {
        ...requiring('zone'),
        schedulingGates: [{ name: 'other' }],
        nodeName: 'n1',
        containers: [{ name: 'vmm' }],
      },
      status: {
        phase: 'Pending',
        conditions: [{ ...OURS, type: 'PodScheduled' }, OURS, APPLIED],
      },
    }
    assert.deepEqual(podInMemory(whole), {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        ...{ name: 'vm', namespace: 'default', labels: {}, annotations: REVISION },
        ownerReferences: [OWNER],
      },
      spec: { nodeName: 'n1', schedulingGates: [{ name: 'other' }], ...requiring('zone') },
      status: {
        phase: 'Pending',
        conditions: [OURS, APPLIED],
      },
    })
  })

  it('still shows whether a map that a patch must add to is there', () => {
    assert.equal(podInMemory(pod()).metadata.annotations, undefined)
    assert.deepEqual(podInMemory(pod({}, { other: '1' })).metadata.annotations, {})
    assert.equal(podInMemory(pod()).spec.affinity, undefined)
    assert.deepEqual(podInMemory(pod({ spec: { affinity: {} } })).spec.affinity, {})
    assert.deepEqual(podInMemory(pod({ spec: { affinity: { nodeAffinity: {} } } })).spec.affinity, {
      nodeAffinity: {},
    })
  })
})
