import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { failureOf, NAMESPACE, installedApi, type InstalledApi } from './installed-api.ts'

const report = (name: string): object => ({
  apiVersion: 'cpufeatures.dev/v1alpha1',
  kind: 'NodeCpuFeatures',
  metadata: { name },
})
const SERVICE_ACCOUNT = { namespace: NAMESPACE, name: 'cpufeatures-node-agent' }
const status = JSON.stringify({ status: { summary: { cpu: 'Neoverse V1', kernel: '6.18', features: 90 } } })

describe('the policy of node reports, with node-bound tokens', () => {
  let api: InstalledApi
  let agentOfA: string
  let agentOfNone: string
  const statusWrite = (name: string, kubeconfig: string): Promise<string> =>
    api.controlPlane.kubectl([
      ...['--kubeconfig', kubeconfig, 'patch', 'ncf', name, '--type=merge', '--subresource=status'],
      ...['-p', status],
    ])
  before(async () => {
    api = await installedApi()
    const { controlPlane } = api
    for (const node of ['node-a', 'node-b']) await controlPlane.makeReadyNode(node)
    agentOfA = await controlPlane.kubeconfigFor({ serviceAccount: SERVICE_ACCOUNT, nodeName: 'node-a' })
    agentOfNone = await controlPlane.kubeconfigFor({ serviceAccount: SERVICE_ACCOUNT })
    await api.apply(report('node-b'))
  })

  it('lets an agent make and fill in the report of its own node', async () => {
    await api.apply(report('node-a'), agentOfA)
    assert.match(await statusWrite('node-a', agentOfA), /patched/)
    assert.match(
      await api.controlPlane.kubectl(['--kubeconfig', agentOfA, 'get', 'ncf', 'node-a']),
      /node-a +Neoverse V1 +6\.18 +90 /,
    )
  })

  it('lets an agent watch its own report by a field selector', async () => {
    const watch = ['get', 'ncf', '--field-selector=metadata.name=node-a', '-o', 'name']
    assert.match(
      await api.controlPlane.kubectl(['--kubeconfig', agentOfA, ...watch]),
      /nodecpufeatures.*node-a/,
    )
    const may = ['--kubeconfig', agentOfA, 'auth', 'can-i', 'watch', 'ncf']
    assert.match(await api.controlPlane.kubectl(may), /yes/)
  })

  const ofB = new RegExp(
    'Forbidden.*metadata\\.name: a node-agent may write only the report of its own node; ' +
      'its token is bound to node-a, and this report is of node-b',
    's',
  )

  it('refuses an agent the status of the report of another node, and names both', async () => {
    assert.match(await failureOf(statusWrite('node-b', agentOfA)), ofB)
  })

  it('refuses an agent the report of another node, present or new', async () => {
    const label = ['--kubeconfig', agentOfA, 'label', 'ncf', 'node-b', 'mine=yes']
    assert.match(await failureOf(api.controlPlane.kubectl(label)), ofB)
    assert.match(
      await api.refusal(report('node-c'), agentOfA),
      /bound to node-a, and this report is of node-c/,
    )
  })

  it('refuses an agent a report whose name the API server makes up', async () => {
    const unnamed = { ...report(''), metadata: { generateName: 'node-' } }
    const create = ['--kubeconfig', agentOfA, 'create', '-f', '-']
    const refused = await failureOf(api.controlPlane.kubectl(create, JSON.stringify(unnamed)))
    assert.match(refused, /a node-agent may write only the report of its own node/)
  })

  it('refuses an agent whose token is bound to no node', async () => {
    assert.match(await failureOf(statusWrite('node-a', agentOfNone)), /its token is bound to no node/)
  })

  it('gives an agent no right to delete a report, and no right to write a profile', async () => {
    const asAgent = (args: string[]): Promise<string> =>
      api.controlPlane.kubectl(['--kubeconfig', agentOfA, ...args])
    assert.match(
      await failureOf(asAgent(['delete', 'ncf', 'node-a'])),
      /cannot delete resource "nodecpufeatures"/,
    )
    assert.match(await failureOf(asAgent(['auth', 'can-i', 'create', 'cfp'])), /no/)
    assert.match(await asAgent(['auth', 'can-i', 'get', 'cfpr']), /yes/)
  })

  it('leaves deleting to the cluster: a report goes with its Node', async () => {
    assert.match(await api.controlPlane.kubectl(['delete', 'ncf', 'node-b']), /deleted/)
  })
})
