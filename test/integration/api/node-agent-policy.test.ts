import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { eventually } from '../../harness/eventually.ts'
import { failureOf, installedApi, NAMESPACE, pod, VMM, vmPod, type InstalledApi } from './installed-api.ts'

const SERVICE_ACCOUNT = { namespace: NAMESPACE, name: 'cpufeatures-node-agent' }
const CONTROLLER = { namespace: NAMESPACE, name: 'cpufeatures-controller' }
const ANNOTATION = 'cpufeatures.dev/applied'

const condition = (type: string): object => ({
  type,
  status: 'True',
  reason: 'Verified',
  message: 'm',
  lastTransitionTime: '2026-01-01T00:00:00Z',
})

describe('the policy that confines a node-agent to the pods of its node', () => {
  let api: InstalledApi
  let agentOfA: string
  let agentOfNone: string
  const as = (kubeconfig: string, args: string[], input?: string): Promise<string> =>
    api.controlPlane.kubectl(['--kubeconfig', kubeconfig, ...args], input)
  const annotate = (name: string, kubeconfig = agentOfA, key = ANNOTATION): Promise<string> =>
    as(kubeconfig, ['annotate', '--overwrite', 'pod', name, `${key}=${String(Date.now())}`])
  const patch = (name: string, operations: object[]): Promise<string> =>
    as(agentOfA, ['patch', 'pod', name, '--type=json', '-p', JSON.stringify(operations)])
  /** Writes status, and perhaps metadata with it, as the node-agent does. */
  const applyStatus = (name: string, status: object, metadata: object = {}): Promise<string> =>
    as(
      agentOfA,
      [
        ...['apply', '--server-side', '--force-conflicts', '--subresource=status'],
        ...['--field-manager=cpufeatures-node-agent', '-f', '-'],
      ],
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name, namespace: 'default', ...metadata },
        status,
      }),
    )
  const bind = async (name: string, node: string): Promise<void> => {
    const base = '/api/v1/namespaces/default'
    const target = { apiVersion: 'v1', kind: 'Node', name: node }
    const binding = { apiVersion: 'v1', kind: 'Binding', metadata: { name, namespace: 'default' }, target }
    const { kubectl } = api.controlPlane
    await kubectl(['create', '--raw', `${base}/pods/${name}/binding`, '-f', '-'], JSON.stringify(binding))
  }
  /** A pod as the controller and the scheduler leave it. */
  const boundVm = async (name: string, node: string): Promise<void> => {
    await api.apply(vmPod(name))
    const controller = await api.controlPlane.kubeconfigFor({ serviceAccount: CONTROLLER })
    const pin = [
      { op: 'add', path: '/metadata/annotations/cpufeatures.dev~1revision', value: 'fleet-0123456789' },
      { op: 'remove', path: '/spec/schedulingGates/0' },
    ]
    await as(controller, ['patch', 'pod', name, '--type=json', '-p', JSON.stringify(pin)])
    await bind(name, node)
  }

  before(async () => {
    api = await installedApi()
    const { controlPlane } = api
    for (const node of ['agent-a', 'agent-b']) await controlPlane.makeReadyNode(node)
    agentOfA = await controlPlane.kubeconfigFor({ serviceAccount: SERVICE_ACCOUNT, nodeName: 'agent-a' })
    agentOfNone = await controlPlane.kubeconfigFor({ serviceAccount: SERVICE_ACCOUNT })
    await boundVm('on-a', 'agent-a')
    await boundVm('on-b', 'agent-b')
    await api.apply(vmPod('on-none'))
    await api.apply(pod('no-profile', { spec: { containers: [VMM], nodeName: 'agent-a' } }))
    await eventually('the policy is at work', async () => {
      const answer = await annotate('on-b').catch(String)
      return answer.includes('a node-agent may write only to pods of its own node') ? true : undefined
    })
  })

  it('lets it write its condition and its annotation, together and again', async () => {
    await annotate('on-a')
    await applyStatus('on-a', { conditions: [condition('cpufeatures.dev/Applied')] })
    await applyStatus(
      'on-a',
      { conditions: [condition('cpufeatures.dev/Applied')] },
      {
        annotations: { [ANNOTATION]: 'x' },
      },
    )
    const type = '{.status.conditions[?(@.type=="cpufeatures.dev/Applied")].reason}'
    const shown = [
      'get',
      'pod',
      'on-a',
      '-o',
      `jsonpath=${type} {.metadata.annotations.cpufeatures\\.dev/applied}`,
    ]
    assert.equal(await as(agentOfA, shown), 'Verified x')
  })

  it('refuses it a pod of another node, of none, and without a profile, and names the nodes', async () => {
    assert.match(await failureOf(annotate('on-b')), /bound to agent-a, and this pod is on agent-b/)
    assert.match(await failureOf(annotate('on-none')), /bound to agent-a, and this pod is on none/)
    assert.match(await failureOf(annotate('no-profile')), /may write only to pods that name a profile/)
    assert.match(
      await failureOf(applyStatus('on-b', { conditions: [condition('cpufeatures.dev/Applied')] })),
      /this pod is on agent-b/,
    )
  })

  it('refuses a token that is bound to no node', async () => {
    assert.match(await failureOf(annotate('on-a', agentOfNone)), /its token is bound to no node/)
  })

  const image = { op: 'replace', path: '/spec/containers/0/image', value: 'evil' }
  const label = { op: 'add', path: '/metadata/labels/x', value: 'y' }
  const forbidden: Record<string, [object[], RegExp]> = {
    'another image': [[image], /spec: a node-agent may change nothing in the spec/],
    'a toleration': [
      [{ op: 'add', path: '/spec/tolerations/-', value: { operator: 'Exists' } }],
      /spec: a node-agent may change nothing in the spec/,
    ],
    'a label': [[label], /metadata: a node-agent may change only the annotation/],
    'its profile': [
      [{ op: 'replace', path: '/metadata/labels/cpufeatures.dev~1profile', value: 'other' }],
      /metadata: a node-agent may change only|the label cannot change/,
    ],
    'a finalizer': [
      [{ op: 'add', path: '/metadata/finalizers', value: ['example.org/x'] }],
      /metadata: a node-agent may change only the annotation/,
    ],
    'the revision': [
      [{ op: 'replace', path: '/metadata/annotations/cpufeatures.dev~1revision', value: 'other-1' }],
      /metadata\.annotations: a node-agent may change only|only the controller may write the revision/,
    ],
  }
  for (const [what, [operations, message]] of Object.entries(forbidden))
    it(`refuses it, of a pod on its node, ${what}`, async () => {
      assert.match(await failureOf(patch('on-a', operations)), message)
    })

  it('refuses it other conditions, another state, and labels through the status', async () => {
    const only = /status: a node-agent may change only the condition/
    assert.match(await failureOf(applyStatus('on-a', { conditions: [condition('Ready')] })), only)
    assert.match(
      await failureOf(applyStatus('on-a', { conditions: [condition('cpufeatures.dev/Schedulable')] })),
      only,
    )
    assert.match(await failureOf(applyStatus('on-a', { phase: 'Succeeded' })), only)
    assert.match(await failureOf(applyStatus('on-a', { podIPs: [{ ip: '10.1.2.3' }] })), only)
    const ours = { conditions: [condition('cpufeatures.dev/Applied')] }
    assert.match(
      await failureOf(applyStatus('on-a', ours, { labels: { app: 'web' } })),
      /metadata: a node-agent may change only the annotation/,
    )
    assert.match(
      await failureOf(applyStatus('on-a', ours, { annotations: { other: 'x' } })),
      /metadata\.annotations: a node-agent may change only/,
    )
  })

  it('has no right to create, evict, delete, bind or enter a pod', async () => {
    for (const [verb, resource] of [
      ['create', 'pods'],
      ['list', 'pods'],
      ['delete', 'pods'],
      ['update', 'pods'],
      ['create', 'pods/eviction'],
      ['create', 'pods/binding'],
      ['create', 'pods/exec'],
      ['update', 'pods/ephemeralcontainers'],
      ['patch', 'nodes'],
      ['get', 'secrets'],
      ['list', 'configmaps'],
    ] as const)
      assert.match(await failureOf(as(agentOfA, ['auth', 'can-i', verb, resource])), /no/)
  })

  it('reads our settings, to know whether break-glass is on, and no other ConfigMap', async () => {
    const get = (name: string): Promise<string> =>
      as(agentOfA, ['get', 'configmap', '-n', NAMESPACE, name, '-o', 'name'])
    assert.match(await get('cpufeatures-settings'), /configmap\/cpufeatures-settings/)
    assert.match(await failureOf(get('other')), /forbidden/)
    const watched = [
      'get',
      'configmap',
      '-n',
      NAMESPACE,
      '--field-selector=metadata.name=cpufeatures-settings',
    ]
    assert.match(await as(agentOfA, [...watched, '-o', 'name']), /cpufeatures-settings/)
  })
})
