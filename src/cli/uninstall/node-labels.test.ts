import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { NeedingPod } from './needing-pod.ts'
import { labelsToRemove } from './node-labels.ts'

const NODE = {
  metadata: {
    name: 'n1',
    labels: {
      'kubernetes.io/arch': 'arm64',
      'cpufeatures.dev/class': '0123',
      'rev.cpufeatures.dev/fleet-1': '',
      'rev.cpufeatures.dev/fleet-2': '',
      'notcpufeatures.dev/class': 'x',
    },
  },
}
const POD: NeedingPod = { namespace: 'team', name: 'vm', node: 'n1', revisions: ['fleet-1'], why: [] }

describe('the labels that go from a node', () => {
  it('are all of ours, and no others', () => {
    assert.deepEqual(labelsToRemove(NODE, []), [
      'cpufeatures.dev/class',
      'rev.cpufeatures.dev/fleet-1',
      'rev.cpufeatures.dev/fleet-2',
    ])
  })

  it('are none that a pod on that node requires, because its kubelet would fail the pod', () => {
    assert.deepEqual(labelsToRemove(NODE, [POD]), ['cpufeatures.dev/class', 'rev.cpufeatures.dev/fleet-2'])
    assert.equal(labelsToRemove(NODE, [{ ...POD, node: 'n2' }]).length, 3)
  })
})
