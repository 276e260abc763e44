import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { JsonPatchOperation } from '../../../kube/kube-client.ts'
import type { Affinity } from '../../../api/pod-pin.ts'
import type { Pod } from '../../pod.ts'
import { pinPatch, type Pin } from './pin-patch.ts'

const REQUIRED = '/spec/affinity/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution'
const FLEET = { revision: 'fleet-1', outOfReach: [] }
const OURS = { key: 'rev.cpufeatures.dev/fleet-1', operator: 'Exists' }
const ZONE = { key: 'zone', operator: 'In', values: ['a'] }

const gated = (affinity?: Affinity, gates = ['cpufeatures.dev/profile']): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'vm', namespace: 'default', uid: 'u1', resourceVersion: '7' },
  spec: {
    schedulingGates: gates.map((name) => ({ name })),
    ...(affinity === undefined ? {} : { affinity }),
  },
})

const affinityOps = (pod: Pod, pin: Pin = FLEET): JsonPatchOperation[] =>
  pinPatch(pod, pin).filter((one) => one.path.startsWith('/spec/affinity'))

describe('the patch that pins a pod', () => {
  it('tests uid and resourceVersion before anything else', () => {
    assert.deepEqual(pinPatch(gated(), FLEET).slice(0, 2), [
      { op: 'test', path: '/metadata/uid', value: 'u1' },
      { op: 'test', path: '/metadata/resourceVersion', value: '7' },
    ])
  })

  it('removes our gate and no other', () => {
    assert.deepEqual(pinPatch(gated(undefined, ['other', 'cpufeatures.dev/profile']), FLEET).at(-1), {
      op: 'remove',
      path: '/spec/schedulingGates/1',
    })
  })

  it('adds the annotation map where the pod has none', () => {
    const add = pinPatch(gated(), FLEET)[2]
    assert.deepEqual(add, {
      op: 'add',
      path: '/metadata/annotations',
      value: { 'cpufeatures.dev/revision': 'fleet-1' },
    })
  })

  it('adds to the annotations the pod has', () => {
    const pod = gated()
    pod.metadata.annotations = {}
    assert.deepEqual(pinPatch(pod, FLEET)[2], {
      op: 'add',
      path: '/metadata/annotations/cpufeatures.dev~1revision',
      value: 'fleet-1',
    })
  })

  it('sets the affinity where the pod has none', () => {
    const required = { nodeSelectorTerms: [{ matchExpressions: [OURS] }] }
    const nodeAffinity = { requiredDuringSchedulingIgnoredDuringExecution: required }
    assert.deepEqual(affinityOps(gated()), [{ op: 'add', path: '/spec/affinity', value: { nodeAffinity } }])
    assert.deepEqual(affinityOps(gated({})), [
      { op: 'add', path: '/spec/affinity/nodeAffinity', value: nodeAffinity },
    ])
    assert.deepEqual(affinityOps(gated({ nodeAffinity: {} })), [
      { op: 'add', path: REQUIRED, value: required },
    ])
  })

  it("ands the requirement with each of the pod's own terms", () => {
    const nodeSelectorTerms = [
      { matchExpressions: [ZONE] },
      { matchFields: [{ ...ZONE, key: 'metadata.name' }] },
    ]
    const pod = gated({
      nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } },
    })
    assert.deepEqual(affinityOps(pod), [
      { op: 'add', path: `${REQUIRED}/nodeSelectorTerms/0/matchExpressions/-`, value: OURS },
      { op: 'add', path: `${REQUIRED}/nodeSelectorTerms/1/matchExpressions`, value: [OURS] },
    ])
  })

  it('keeps the target of a migration from host classes that its VM cannot reach', () => {
    const pin = { revision: 'fleet-1', outOfReach: ['a', 'b'] }
    const reach = { key: 'cpufeatures.dev/class', operator: 'NotIn', values: ['a', 'b'] }
    const required = { nodeSelectorTerms: [{ matchExpressions: [OURS, reach] }] }
    const nodeAffinity = { requiredDuringSchedulingIgnoredDuringExecution: required }
    assert.deepEqual(affinityOps(gated(), pin), [
      { op: 'add', path: '/spec/affinity', value: { nodeAffinity } },
    ])
    const terms = [{ matchExpressions: [ZONE] }]
    const pod = gated({
      nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: terms } },
    })
    assert.deepEqual(affinityOps(pod, pin), [
      { op: 'add', path: `${REQUIRED}/nodeSelectorTerms/0/matchExpressions/-`, value: OURS },
      { op: 'add', path: `${REQUIRED}/nodeSelectorTerms/0/matchExpressions/-`, value: reach },
    ])
  })

  it('adds to a term of its own that keeps it from another class', () => {
    const pin = { revision: 'fleet-1', outOfReach: ['a'] }
    const own = { key: 'cpufeatures.dev/class', operator: 'NotIn', values: ['z'] }
    const nodeSelectorTerms = [{ matchExpressions: [OURS, own] }]
    const pod = gated({
      nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } },
    })
    assert.deepEqual(affinityOps(pod, pin), [
      {
        op: 'add',
        path: `${REQUIRED}/nodeSelectorTerms/0/matchExpressions/-`,
        value: { ...own, values: ['a'] },
      },
    ])
  })

  it('requires nothing of a node for a VM that runs without a revision', () => {
    assert.deepEqual(affinityOps(gated(), { revision: 'none', outOfReach: [] }), [])
  })

  it('leaves an empty term, which matches no node, and a term that has the requirement', () => {
    const nodeSelectorTerms = [{}, { matchExpressions: [OURS] }]
    const pod = gated({
      nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } },
    })
    assert.deepEqual(affinityOps(pod), [])
  })
})
