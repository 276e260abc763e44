import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { eventually } from '../../harness/eventually.ts'
import { failureOf, NAMESPACE, pod, installedApi, vmPod, VMM, type InstalledApi } from './installed-api.ts'

const PROFILE_LABEL = 'cpufeatures.dev/profile'
const GATE = { name: 'cpufeatures.dev/profile' }

/** A policy for the pods that `constraints` select, whose mutation is an apply configuration. */
const mutatingPolicy = (name: string, constraints: object, expression: string): object[] => [
  {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingAdmissionPolicy',
    metadata: { name },
    spec: {
      failurePolicy: 'Fail',
      reinvocationPolicy: 'Never',
      matchConstraints: {
        ...constraints,
        resourceRules: [
          { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] },
        ],
      },
      mutations: [{ patchType: 'ApplyConfiguration', applyConfiguration: { expression } }],
    },
  },
  {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingAdmissionPolicyBinding',
    metadata: { name },
    spec: { policyName: name },
  },
]

/** Another product's policy: it gives pods of some namespaces our label. */
const FOREIGN_LABELLER = mutatingPolicy(
  'labels.example.org',
  { namespaceSelector: { matchLabels: { 'example.org/labels': 'vm' } } },
  `Object{metadata: Object.metadata{labels: {'${PROFILE_LABEL}': 'fleet'}}}`,
)

/** A policy that writes a number on pods that ask for it. It shows which version of the policies the API server works with. */
const roundMarker = (round: number): object[] =>
  mutatingPolicy(
    'round.example.org',
    { objectSelector: { matchLabels: { 'example.org/round': 'wanted' } } },
    `Object{metadata: Object.metadata{annotations: {'example.org/round': '${round}'}}}`,
  )

type MadePod = {
  metadata: { labels?: Record<string, string>; annotations?: Record<string, string> }
  spec: { schedulingGates?: { name: string }[] }
}

describe('the policies of pods that name a profile', () => {
  let api: InstalledApi
  let controller: string
  before(async () => {
    api = await installedApi()
    controller = await api.controlPlane.kubeconfigFor({
      serviceAccount: { namespace: NAMESPACE, name: 'cpufeatures-controller' },
    })
  })
  const made = async (name: string, namespace = 'default'): Promise<MadePod> =>
    JSON.parse(await api.controlPlane.kubectl(['get', 'pod', name, '-n', namespace, '-o', 'json'])) as MadePod
  /** The number that the policies write on a pod as they are now. */
  const markedRound = (): Promise<string> =>
    api.controlPlane.kubectl(
      ['create', '--dry-run=server', '-o', 'jsonpath={.metadata.annotations.example\\.org/round}', '-f', '-'],
      JSON.stringify(pod('round', { metadata: { labels: { 'example.org/round': 'wanted' } } })),
    )
  const patch = (name: string, operations: object[], ...args: string[]): Promise<string> =>
    api.controlPlane.kubectl([
      ...args,
      ...['patch', 'pod', name, '--type=json', '-p', JSON.stringify(operations)],
    ])
  const ungate = { op: 'remove', path: '/spec/schedulingGates/0' }
  const namespace = (name: string, metadata: object): object => ({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, ...metadata },
  })

  it('gate a pod that names a profile', async () => {
    await api.apply(vmPod('gated'))
    assert.deepEqual((await made('gated')).spec.schedulingGates, [GATE])
  })

  it('keep the gates a pod has, and add ours once', async () => {
    await api.apply(vmPod('two-gates', 'fleet', { schedulingGates: [{ name: 'example.org/other' }, GATE] }))
    const gates = (await made('two-gates')).spec.schedulingGates ?? []
    assert.deepEqual(gates.map(({ name }) => name).sort(), ['cpufeatures.dev/profile', 'example.org/other'])
  })

  it('leave pods alone that name no profile, or an empty one', async () => {
    await api.apply(pod('plain'))
    await api.apply(vmPod('empty', ''))
    assert.equal((await made('plain')).spec.schedulingGates, undefined)
    assert.equal((await made('empty')).spec.schedulingGates, undefined)
  })

  it('leave pods of kube-system and of our own namespace alone', async () => {
    for (const name of ['kube-system', NAMESPACE]) {
      await api.apply(pod('exempt', { metadata: { namespace: name, labels: { [PROFILE_LABEL]: 'fleet' } } }))
      assert.equal((await made('exempt', name)).spec.schedulingGates, undefined)
    }
  })

  it('refuse a pod that names a profile and a node, and name the field', async () => {
    assert.match(await api.refusal(vmPod('direct', 'fleet', { nodeName: 'node-a' })), /spec\.nodeName: /)
  })

  it('refuse to change, add or take away the label of a pod with a profile, also by its status', async () => {
    const label = (value: string, ...args: string[]): Promise<string> =>
      patch('gated', [{ op: 'replace', path: '/metadata/labels/cpufeatures.dev~1profile', value }], ...args)
    const fixed = /metadata\.labels\[cpufeatures\.dev\/profile\]: the label cannot change after creation/
    const { kubectl } = api.controlPlane
    assert.match(await failureOf(label('other')), fixed)
    assert.match(await failureOf(label('')), fixed)
    assert.match(await failureOf(kubectl(['label', 'pod', 'gated', `${PROFILE_LABEL}-`])), fixed)
    assert.match(await failureOf(kubectl(['label', 'pod', 'plain', `${PROFILE_LABEL}=fleet`])), fixed)
    assert.match(await failureOf(label('other', '--subresource=status')), fixed)
    await kubectl(['label', 'pod', 'gated', 'other=label'])
  })

  it('let the controller alone take the gate away and write the pin', async () => {
    await api.apply(vmPod('waits'))
    const pin = {
      op: 'add',
      path: '/metadata/annotations/cpufeatures.dev~1revision',
      value: 'fleet-0123456789',
    }
    assert.match(
      await failureOf(patch('waits', [ungate])),
      /spec\.schedulingGates: only the controller may remove the gate/,
    )
    assert.match(
      await failureOf(patch('waits', [pin])),
      /metadata\.annotations\[cpufeatures\.dev\/revision\]: only the controller may write/,
    )
    await patch('waits', [ungate, pin], '--kubeconfig', controller)
    const pinned = await made('waits')
    assert.equal(pinned.spec.schedulingGates, undefined)
    assert.equal(pinned.metadata.annotations?.['cpufeatures.dev/revision'], 'fleet-0123456789')
  })

  const annotations = { 'cpufeatures.dev/revision': 'fleet-0123456789' }
  const revisionRefused = /metadata\.annotations\[cpufeatures\.dev\/revision\]: only the controller/
  const labels = (profile: string) => ({ labels: { [PROFILE_LABEL]: profile } })

  it('refuse a pod that comes with a pin of its own, also without a profile, and with an empty pin', async () => {
    for (const metadata of [
      { ...labels('fleet'), annotations },
      { annotations },
      { ...labels(''), annotations },
      { ...labels('fleet'), annotations: { 'cpufeatures.dev/revision': '' } },
    ])
      assert.match(await api.refusal(pod('copied', { metadata })), revisionRefused)
  })

  it('refuse the pin on a pod without a profile also later, and an empty label on one that has none', async () => {
    await api.apply(pod('bare'))
    const { kubectl } = api.controlPlane
    const annotation = 'cpufeatures.dev/revision=fleet-0123456789'
    assert.match(await failureOf(kubectl(['annotate', 'pod', 'bare', annotation])), revisionRefused)
    const inStatus = { op: 'add', path: '/metadata/annotations/cpufeatures.dev~1revision', value: 'fleet-1' }
    assert.match(await failureOf(patch('bare', [inStatus], '--subresource=status')), revisionRefused)
    assert.match(
      await failureOf(kubectl(['label', 'pod', 'bare', `${PROFILE_LABEL}=`])),
      /the label cannot change after creation/,
    )
    await kubectl(['annotate', 'pod', 'bare', 'other=annotation'])
  })

  it('refuse a proof that no node-agent wrote: at creation, later, and through the status', async () => {
    const proofRefused = /metadata\.annotations\[cpufeatures\.dev\/applied\]: only the node-agent/
    const proof = 'cpufeatures.dev/applied'
    const metadata = { ...labels('fleet'), annotations: { [proof]: '{}' } }
    assert.match(await api.refusal(pod('exported', { metadata })), proofRefused)
    await api.apply(vmPod('proven'))
    const annotate = ['annotate', 'pod', 'proven', `${proof}={}`]
    assert.match(await failureOf(api.controlPlane.kubectl(annotate)), proofRefused)
    const inStatus = { op: 'add', path: '/metadata/annotations', value: { [proof]: '{}' } }
    assert.match(await failureOf(patch('proven', [inStatus], '--subresource=status')), proofRefused)
    await api.controlPlane.kubectl(['annotate', 'pod', 'proven', 'other=annotation'])
  })

  const REV = 'rev.cpufeatures.dev/other-0123456789'
  const requiring = (key: string): object => ({
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchExpressions: [{ key, operator: 'Exists' }] }],
      },
    },
  })
  const requirementRefused = /spec\.affinity, spec\.nodeSelector: only the controller may require a label/

  it('refuse a pod that asks for the label of a revision itself, whatever its own label says', async () => {
    for (const profile of ['fleet', '']) {
      const asks = (spec: object): Promise<string> => api.refusal(vmPod('asks', profile, spec))
      assert.match(await asks({ affinity: requiring(REV) }), requirementRefused)
      assert.match(await asks({ nodeSelector: { [REV]: '' } }), requirementRefused)
    }
    await api.apply(pod('other-workload', { spec: { nodeSelector: { [REV]: '' } } }))
    await api.apply(vmPod('own-terms', 'fleet', { affinity: requiring('zone') }))
  })

  it('refuse such a requirement on a gated pod, and leave one alone that the controller has added', async () => {
    await api.apply(vmPod('gated-asks'))
    const add = { op: 'add', path: '/spec/affinity', value: requiring(REV) }
    const select = { op: 'add', path: '/spec/nodeSelector', value: { [REV]: '' } }
    assert.match(await failureOf(patch('gated-asks', [add])), requirementRefused)
    assert.match(await failureOf(patch('gated-asks', [select])), requirementRefused)
    const revision = {
      op: 'add',
      path: '/metadata/annotations/cpufeatures.dev~1revision',
      value: 'other-0123456789',
    }
    await patch('gated-asks', [revision, add, ungate], '--kubeconfig', controller)
    await api.controlPlane.kubectl(['label', 'pod', 'gated-asks', 'later=yes'])
  })

  it('refuse a Binding that writes what is guarded, by either of its paths, and let others bind', async () => {
    await api.controlPlane.makeReadyNode('bound-to')
    await api.apply(vmPod('binds'))
    const revision = {
      op: 'add',
      path: '/metadata/annotations/cpufeatures.dev~1revision',
      value: 'fleet-0123456789',
    }
    await patch('binds', [revision, ungate], '--kubeconfig', controller)
    const binding = (metadata: object): string =>
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'Binding',
        metadata: { name: 'binds', namespace: 'default', ...metadata },
        target: { apiVersion: 'v1', kind: 'Node', name: 'bound-to' },
      })
    const bind = (path: string, metadata: object): Promise<string> =>
      api.controlPlane.kubectl(['create', '--raw', path, '-f', '-'], binding(metadata))
    const base = '/api/v1/namespaces/default'
    const foreign = { annotations: { 'cpufeatures.dev/revision': 'other-0123456789' } }
    for (const path of [`${base}/pods/binds/binding`, `${base}/bindings`]) {
      assert.match(await failureOf(bind(path, foreign)), /metadata\.annotations: a Binding may not write/)
      assert.match(await failureOf(bind(path, labels('other'))), /metadata\.labels: a Binding may not write/)
    }
    await bind(`${base}/pods/binds/binding`, { annotations: { 'example.org/scheduler': 'mine' } })
    const { metadata } = await made('binds')
    assert.equal(metadata.annotations?.['cpufeatures.dev/revision'], 'fleet-0123456789')
    assert.equal(metadata.annotations['example.org/scheduler'], 'mine')
  })

  it('let anybody with the right delete a gated pod', async () => {
    await api.apply(vmPod('unwanted'))
    assert.match(await api.controlPlane.kubectl(['delete', 'pod', 'unwanted']), /deleted/)
  })

  it('give pods the default profile of their namespace, unless they name one or say none', async () => {
    await api.apply(namespace('defaulted', { labels: { 'cpufeatures.dev/default-profile': 'fleet' } }))
    const there = (name: string, labels?: Record<string, string>): object =>
      pod(name, {
        metadata: { namespace: 'defaulted', ...(labels && { labels }) },
        spec: { containers: [VMM] },
      })
    await api.apply(there('silent'))
    await api.apply(there('other', { [PROFILE_LABEL]: 'other' }))
    await api.apply(there('none', { [PROFILE_LABEL]: '' }))
    const silent = await made('silent', 'defaulted')
    assert.equal(silent.metadata.labels?.[PROFILE_LABEL], 'fleet')
    assert.deepEqual(silent.spec.schedulingGates, [GATE])
    assert.equal((await made('other', 'defaulted')).metadata.labels?.[PROFILE_LABEL], 'other')
    assert.equal((await made('none', 'defaulted')).spec.schedulingGates, undefined)
  })

  it('gate such pods in whatever order the API server runs the mutating policies', async () => {
    await api.apply(namespace('ordered', { labels: { 'cpufeatures.dev/default-profile': 'fleet' } }))
    await api.apply(namespace('labelled-by-others', { labels: { 'example.org/labels': 'vm' } }))
    for (const object of FOREIGN_LABELLER) await api.apply(object)
    for (let round = 0; round < 8; round++) {
      // Any change of a policy has all of them read again, in another order (a Go map's).
      for (const object of roundMarker(round)) await api.apply(object)
      await eventually(`the policies of round ${round} are at work`, async () =>
        (await markedRound()) === String(round) ? true : undefined,
      )
      for (const there of ['ordered', 'labelled-by-others']) {
        await api.apply(pod(`vm-${round}`, { metadata: { namespace: there }, spec: { containers: [VMM] } }))
        const { metadata, spec } = await made(`vm-${round}`, there)
        assert.equal(metadata.labels?.[PROFILE_LABEL], 'fleet')
        assert.deepEqual(spec.schedulingGates, [GATE])
      }
    }
  })

  it('hold pods to the profiles their namespace allows', async () => {
    await api.apply(
      namespace('narrow', { annotations: { 'cpufeatures.dev/allowed-profiles': 'fleet, spare' } }),
    )
    const there = (profile: string): object =>
      pod(`vm-${profile}`, { metadata: { namespace: 'narrow', labels: { [PROFILE_LABEL]: profile } } })
    await api.apply(there('fleet'))
    await api.apply(there('spare'))
    assert.match(
      await api.refusal(there('host-no-sve')),
      /host-no-sve is not allowed in this namespace; allowed: fleet, spare/,
    )
  })
})
