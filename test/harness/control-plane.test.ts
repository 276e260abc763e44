import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { startControlPlane } from './control-plane.ts'
import type { ControlPlane } from './control-plane.ts'
import { runCommand } from './process.ts'

describe('the control plane of the lab', () => {
  let plane: ControlPlane

  before(async () => {
    plane = await startControlPlane({ schedulerAndControllers: true })
  })
  after(() => plane.stop())

  it('has the admission policies that the product needs, as v1', async () => {
    const resources = await plane.kubectl(['api-resources', '--api-group=admissionregistration.k8s.io'])
    assert.match(resources, /mutatingadmissionpolicies +admissionregistration\.k8s\.io\/v1 /)
  })

  it('keeps a Node without a kubelet Ready, so that a pod lands on it', async () => {
    await plane.makeReadyNode('lab-node', { zone: 'a' })
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'lands', namespace: 'default' },
      spec: { nodeSelector: { zone: 'a' }, containers: [{ name: 'c', image: 'none' }] },
    }
    await plane.kubectl(['apply', '-f', '-'], JSON.stringify(pod))
    await plane.kubectl(['wait', 'pod/lands', '--for=condition=PodScheduled', '--timeout=10m'])
    const node = await plane.kubectl(['get', 'pod', 'lands', '-o', 'jsonpath={.spec.nodeName}'])
    assert.equal(node, 'lab-node')
  })

  it('gives tokens that say which node they are bound to', async () => {
    await plane.kubectl(['create', 'namespace', 'bound'])
    await plane.kubectl(['create', 'serviceaccount', 'agent', '-n', 'bound'])
    const serviceAccount = { namespace: 'bound', name: 'agent' }
    const config = await plane.kubeconfigFor({ serviceAccount, nodeName: 'lab-node' })
    const who = await runCommand([plane.kubectlPath, '--kubeconfig', config, 'auth', 'whoami', '-o', 'json'])
    assert.match(who.stdout, /"authentication.kubernetes.io\/node-name":\s*\[\s*"lab-node"/)
  })

  it('counts the writes that were made since a moment, and only these', async () => {
    const since = Date.now()
    await plane.kubectl(['create', 'configmap', 'counted'])
    await plane.kubectl(['get', 'configmap', 'counted'])
    const writes = (await plane.auditedWrites(since)).filter((write) => write.user === 'admin')
    assert.deepEqual(
      writes.map(({ verb, resource, name }) => ({ verb, resource, name })),
      [{ verb: 'create', resource: 'configmaps', name: 'counted' }],
    )
  })

  it('keeps objects and tokens over a restart of the API server', async () => {
    await plane.restartApiServer()
    assert.match(await plane.kubectl(['get', 'node', 'lab-node', '-o', 'name']), /node\/lab-node/)
  })
})
