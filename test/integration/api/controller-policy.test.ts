import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { eventually } from '../../harness/eventually.ts'
import { failureOf, installedApi, NAMESPACE, pod, vmPod, type InstalledApi } from './installed-api.ts'

const REQUIRED = '/spec/affinity/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution'
const REV = 'rev.cpufeatures.dev/fleet-0123456789'
const exists = (key: string): object => ({ key, operator: 'Exists' })
const terms = (...keys: string[]): object => ({
  nodeSelectorTerms: [{ matchExpressions: keys.map(exists) }],
})
const ANNOTATE = { op: 'add', path: '/metadata/annotations/cpufeatures.dev~1revision', value: 'fleet-1' }
const UNGATE = { op: 'remove', path: '/spec/schedulingGates/0' }
const affinity = (required: object): object => ({
  op: 'add',
  path: '/spec/affinity',
  value: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: required } },
})
const PIN = [ANNOTATE, affinity(terms(REV)), UNGATE]

const condition = (type: string): object => ({
  type,
  status: 'True',
  reason: 'Pinned',
  message: 'm',
  lastTransitionTime: '2026-01-01T00:00:00Z',
})

describe('the policies that confine the controller', () => {
  let api: InstalledApi
  let controller: string
  const asController = (...args: string[]): Promise<string> =>
    api.controlPlane.kubectl(['--kubeconfig', controller, ...args])
  const patch = (object: string, operations: object[], ...args: string[]): Promise<string> =>
    asController('patch', ...object.split('/'), '--type=json', '-p', JSON.stringify(operations), ...args)

  /** Writes status as the controller does: it may not read the subresource, which `kubectl patch` would. */
  const applyStatus = (metadata: object, status: object): Promise<string> =>
    api.controlPlane.kubectl(
      [
        ...[
          '--kubeconfig',
          controller,
          'apply',
          '--server-side',
          '--force-conflicts',
          '--subresource=status',
        ],
        ...['--field-manager=cpufeatures-controller', '-f', '-'],
      ],
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { namespace: 'default', ...metadata },
        status,
      }),
    )

  before(async () => {
    api = await installedApi()
    const { controlPlane } = api
    controller = await controlPlane.kubeconfigFor({
      serviceAccount: { namespace: NAMESPACE, name: 'cpufeatures-controller' },
    })
    await controlPlane.makeReadyNode('confined', { zone: 'a' })
    await api.apply(vmPod('refused'))
    await api.apply(pod('unlabelled'))
    for (const probe of ['nodes', 'pods'] as const)
      await eventually(`the policy of ${probe} is at work`, async () => {
        const object = probe === 'nodes' ? 'node/confined' : 'pod/refused'
        const label = [{ op: 'add', path: '/metadata/labels/probe', value: 'x' }]
        const answer = await patch(object, label, '--dry-run=server').catch(String)
        return answer.includes('the controller may') ? true : undefined
      })
  })

  it('let it write its labels to a node, and take them away', async () => {
    await asController('label', 'node', 'confined', 'cpufeatures.dev/class=abc', `${REV}=`)
    await asController('label', 'node', 'confined', 'cpufeatures.dev/class-', `${REV}-`)
  })

  const ofNode: Record<string, [object, RegExp]> = {
    'a taint': [
      { op: 'add', path: '/spec/taints', value: [{ key: 'x', effect: 'NoExecute' }] },
      /the controller may change only labels of a node/,
    ],
    unschedulable: [
      { op: 'add', path: '/spec/unschedulable', value: true },
      /the controller may change only labels of a node/,
    ],
    'an annotation': [
      { op: 'add', path: '/metadata/annotations', value: { x: 'y' } },
      /the controller may change only labels of a node/,
    ],
    'a finalizer': [
      { op: 'add', path: '/metadata/finalizers', value: ['example.org/x'] },
      /the controller may change only labels of a node/,
    ],
    'a label of somebody else': [
      { op: 'replace', path: '/metadata/labels/zone', value: 'b' },
      /metadata\.labels: the controller may write only cpufeatures\.dev\/class/,
    ],
    'a new label that is not its own': [
      { op: 'add', path: '/metadata/labels/node-role.kubernetes.io~1control-plane', value: '' },
      /metadata\.labels: the controller may write only/,
    ],
  }
  for (const [what, [operation, message]] of Object.entries(ofNode))
    it(`refuse it, on a node, ${what}`, async () => {
      assert.match(await failureOf(patch('node/confined', [operation])), message)
    })

  it('let it pin a pod with and without affinity of its own, and write its condition', async () => {
    await api.apply(vmPod('pinned'))
    await patch('pod/pinned', PIN)
    const own = { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: terms('zone') } }
    await api.apply(vmPod('pinned-own', 'fleet', { affinity: own }))
    const and = { op: 'add', path: `${REQUIRED}/nodeSelectorTerms/0/matchExpressions/-`, value: exists(REV) }
    await patch('pod/pinned-own', [ANNOTATE, and, UNGATE])
    await applyStatus({ name: 'pinned' }, { conditions: [condition('cpufeatures.dev/Schedulable')] })
  })

  const image = { op: 'replace', path: '/spec/containers/0/image', value: 'evil' }
  const ofPod: Record<string, [string, object[], RegExp]> = {
    'another image': ['refused', [image], /spec: the controller may change only schedulingGates/],
    'another image with a pin': ['refused', [...PIN, image], /spec: the controller may change only/],
    'a toleration': [
      'refused',
      [{ op: 'add', path: '/spec/tolerations/-', value: { operator: 'Exists' } }],
      /spec: the controller may change only/,
    ],
    'a label': [
      'refused',
      [{ op: 'add', path: '/metadata/labels/x', value: 'y' }],
      /metadata: the controller may change only the annotation/,
    ],
    'an owner': [
      'refused',
      [
        {
          op: 'add',
          path: '/metadata/ownerReferences',
          value: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'x', uid: 'x' }],
        },
      ],
      /metadata: the controller may change only the annotation/,
    ],
    'another annotation': [
      'refused',
      [{ op: 'add', path: '/metadata/annotations/x', value: 'y' }, UNGATE],
      /metadata\.annotations: the controller may change only/,
    ],
    'the gate of somebody else': [
      'two',
      [UNGATE, UNGATE],
      /spec\.schedulingGates: the controller may change a pod only when it removes the gate/,
    ],
    'a revision on a pod that stays gated': [
      'refused',
      [{ op: 'add', path: '/metadata/annotations/cpufeatures.dev~1revision', value: 'fleet-1' }],
      /spec\.schedulingGates: the controller may change a pod only when/,
    ],
    'a node of its choice': [
      'refused',
      [affinity(terms('kubernetes.io/hostname')), UNGATE],
      /spec\.affinity\.nodeAffinity: the controller may add only requirements on rev/,
    ],
    'a pod without a profile': [
      'unlabelled',
      [{ op: 'replace', path: '/spec/containers/0/image', value: 'evil' }],
      /the controller may only pin pods that name a profile/,
    ],
  }
  for (const [what, [name, operations, message]] of Object.entries(ofPod))
    it(`refuse it, on a pod, ${what}`, async () => {
      if (name === 'two')
        await api.apply(
          vmPod('two', 'fleet', {
            schedulingGates: [{ name: 'example.org/other' }, { name: 'cpufeatures.dev/profile' }],
          }),
        )
      assert.match(await failureOf(patch(`pod/${name}`, operations)), message)
    })

  it('refuse it, in the status of a pod, everything but its condition', async () => {
    const refused = (status: object, metadata: object = {}): Promise<string> =>
      failureOf(applyStatus({ name: 'refused', ...metadata }, status))
    const only = /status: the controller may change only the condition/
    assert.match(await refused({ phase: 'Succeeded' }), only)
    assert.match(await refused({ conditions: [condition('Ready')] }), only)
    assert.match(
      await refused({}, { annotations: { 'cpufeatures.dev/revision': 'fleet-1' } }),
      /metadata\.annotations\[cpufeatures\.dev\/revision\]: the controller may write it only together/,
    )
  })
})
