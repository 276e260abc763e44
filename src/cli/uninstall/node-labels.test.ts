import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ExaminedPod } from './needing-pod.ts'
import { labelsThatStay, labelsToRemove, requiredLabels } from './node-labels.ts'

const CLASS = 'cpufeatures.dev/class'
const REV_1 = 'rev.cpufeatures.dev/fleet-1'
const REV_2 = 'rev.cpufeatures.dev/fleet-2'

const NODE = {
  metadata: {
    name: 'n1',
    labels: {
      ...{ 'kubernetes.io/arch': 'arm64', 'notcpufeatures.dev/class': 'x' },
      ...{ [CLASS]: '0123', [REV_1]: '', [REV_2]: '' },
    },
  },
}

const pod = (spec: object, more: object = {}): ExaminedPod => ({
  metadata: { name: 'vm', namespace: 'team' },
  spec: { nodeName: 'n1', containers: [{ name: 'vmm' }], ...spec },
  ...more,
})

const affinity = (key: string, operator: string) => ({
  nodeAffinity: {
    requiredDuringSchedulingIgnoredDuringExecution: {
      nodeSelectorTerms: [{ matchExpressions: [{ key, operator }] }],
    },
  },
})

const keysOf = (one: ExaminedPod): readonly string[] => requiredLabels(one)?.keys ?? []

describe('the labels that go from a node', () => {
  it('are all of ours, and no others', () => {
    assert.deepEqual(labelsToRemove(NODE, []), [CLASS, REV_1, REV_2])
  })

  it('are none that a pod on that node requires, because its kubelet would fail the pod', () => {
    const required = { node: 'n1', pod: 'team/vm', keys: [REV_1] }
    assert.deepEqual(labelsToRemove(NODE, [required]), [CLASS, REV_2])
    assert.equal(labelsToRemove(NODE, [{ ...required, node: 'n2' }]).length, 3)
  })
})

describe('a pod requires of its node', () => {
  it('the labels of its node selector and of its required affinity, if they are ours', () => {
    assert.deepEqual(keysOf(pod({ nodeSelector: { [CLASS]: '0123', 'kubernetes.io/arch': 'arm64' } })), [
      CLASS,
    ])
    for (const operator of ['In', 'NotIn', 'Exists', 'Gt', 'Lt'])
      assert.deepEqual(keysOf(pod({ affinity: affinity(CLASS, operator) })), [CLASS], operator)
    assert.equal(requiredLabels(pod({ affinity: affinity(CLASS, 'DoesNotExist') })), undefined)
  })

  it('the label of the revision to which it is pinned', () => {
    const metadata = { name: 'vm', namespace: 'team', annotations: { 'cpufeatures.dev/revision': 'fleet-1' } }
    assert.deepEqual(requiredLabels(pod({ affinity: affinity(REV_1, 'Exists') }, { metadata })), {
      ...{ node: 'n1', pod: 'team/vm', keys: [REV_1] },
    })
    assert.deepEqual(keysOf(pod({}, { metadata })), [REV_1])
  })

  it('nothing when it is not bound, or has finished', () => {
    const spec = { nodeSelector: { [CLASS]: '0123' } }
    assert.equal(requiredLabels(pod({ ...spec, nodeName: undefined })), undefined)
    assert.equal(requiredLabels(pod(spec, { status: { phase: 'Succeeded' } })), undefined)
  })

  it('what is said, as far as the node has it', () => {
    const required = { node: 'n1', pod: 'team/vm', keys: [CLASS, 'cpufeatures.dev/other'] }
    assert.deepEqual(labelsThatStay(NODE, [required]), [
      'Node n1: its label cpufeatures.dev/class, because pod team/vm requires it',
    ])
    assert.deepEqual(labelsThatStay(NODE, [{ ...required, node: 'n2' }]), [])
  })
})
