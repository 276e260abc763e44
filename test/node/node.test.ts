import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import type { ControlPlane } from '../harness/control-plane.ts'
import { KVM_RESOURCE } from '../harness/emulated-node.ts'
import type { EmulatedNode } from '../harness/emulated-node.ts'
import { createPod, podPrints, podReaches, shellContainer, vmContainer } from '../harness/pods.ts'
import { parseGuestReport } from '../e2e/guest-report.ts'
import { STOCK_QEMU } from '../e2e/virtual-machine.ts'
import { oneNode } from './one-node.ts'

describe('an emulated node with kubelet, containerd and runc', () => {
  let node: EmulatedNode
  let kubectl: ControlPlane['kubectl']

  before(async () => {
    const cluster = await oneNode()
    node = cluster.node
    kubectl = cluster.plane.kubectl
  })

  it('has /dev/kvm as a resource of its own, and no rights beyond its own', async () => {
    const allocatable = await kubectl(['get', 'node', 'v1', '-o', 'jsonpath={.status.allocatable}'])
    assert.ok(Number((JSON.parse(allocatable) as Record<string, string>)[KVM_RESOURCE]) >= 100)
    const asNode = ['--as=system:node:v1', '--as-group=system:nodes']
    // NodeRestriction, and the Node authorizer.
    await assert.rejects(
      kubectl([...asNode, 'label', 'node', 'v1', 'node-restriction.kubernetes.io/x=y']),
      /not allowed/,
    )
    await assert.rejects(kubectl([...asNode, 'get', 'secrets', '--all-namespaces']), /Forbidden/)
  })

  it('runs a pod in the pod network; its output and commands in it come through the API server', async () => {
    await createPod(kubectl, { name: 'shell', container: shellContainer('hostname; ip addr; sleep 1000000') })
    await podPrints(kubectl, 'shell', /^shell\n[^]*inet 10\.244\.1\.\d+/)
    assert.equal(await kubectl(['exec', 'shell', '--', 'uname', '-m']), 'aarch64\n')
  })

  it('gives pods the API server under the address of its service', async () => {
    const probe = 'wget -q -O - --no-check-certificate https://10.0.0.1/readyz'
    assert.equal(await kubectl(['exec', 'shell', '--', 'sh', '-c', probe]), 'ok')
  })

  it('runs a nested guest on KVM in a pod without privileges', async () => {
    await createPod(kubectl, { name: 'vm', container: vmContainer(STOCK_QEMU) })
    await podReaches(kubectl, 'vm', 'Succeeded')
    const report = parseGuestReport(await kubectl(['logs', 'vm']))
    assert.ok(report.features.includes('sve'))
    assert.equal((report.registers.get('MIDR_EL1') ?? 0n) >> 4n, 0x411fd40n)
  })

  it('keeps its pods while kubelet and containerd are restarted', async () => {
    for (const service of ['kubelet', 'containerd'] as const) {
      await node.stopService(service)
      await node.startService(service)
    }
    await createPod(kubectl, { name: 'later', container: shellContainer('echo later') })
    await podReaches(kubectl, 'later', 'Succeeded')
    await node.ready()
    assert.equal(await kubectl(['get', 'pod', 'shell', '-o', 'jsonpath={.status.phase}']), 'Running')
    const restarts = await kubectl([
      'get',
      'pod',
      'shell',
      '-o',
      'jsonpath={.status.containerStatuses[0].restartCount}',
    ])
    assert.equal(restarts, '0')
  })
})
