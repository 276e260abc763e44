import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { ClusterStatus } from '../../../src/cli/status/cluster-status.ts'
import { runVerb } from './run-verb.ts'
import { ELSEWHERE, UninstallCluster } from './uninstall-cluster.ts'

describe('the status of a real cluster', () => {
  let cluster: UninstallCluster
  const kubectl = (args: readonly string[]) => cluster.controlPlane.kubectl(args)
  const verb = (...args: string[]) =>
    runVerb(['status', '--kubeconfig', cluster.controlPlane.adminKubeconfig, ...args])

  const seen = (): ClusterStatus => {
    const { status, stdout, stderr } = verb('-o', 'json')
    assert.ok(status === 0 || status === 1, stderr)
    const found = JSON.parse(stdout) as ClusterStatus
    assert.equal(status, found.problems.length === 0 ? 0 : 1)
    return found
  }
  const about = (found: ClusterStatus): readonly string[] => found.problems.map((one) => one.about)

  before(async () => {
    cluster = await UninstallCluster.start()
  })
  after(() => cluster.stop())

  it('is that nothing is installed, where not even our kinds are served', () => {
    const found = seen()
    assert.deepEqual(about(found), ['cluster'])
    assert.match(found.problems[0]?.remedy ?? '', /install/)
  })

  it('is, after an installation whose pods do not run, which of them and where', async () => {
    await cluster.install()
    const found = seen()
    assert.deepEqual(
      found.components.map(({ namespace, name }) => `${namespace}/${name}`),
      ['controller', 'holder', 'node-agent'].map((name) => `${ELSEWHERE}/cpufeatures-${name}`),
    )
    // No node is arm64 here, so the DaemonSets want no pod.
    assert.deepEqual(about(found), ['cpufeatures-controller', 'cpufeatures-controller'])
    assert.deepEqual(
      found.problems.map(({ what }) => what),
      ['0 of 2 pods are Ready', 'no controller leads, so new VM pods wait'],
    )
    const text = verb().stdout
    assert.match(text, /^COMPONENT +READY$/m)
    assert.match(
      text,
      new RegExp(`kubectl get pods -n ${ELSEWHERE} -l app\\.kubernetes\\.io/component=controller`),
    )
  })

  it('names an arm64 node from which nobody reports, a profile that nobody compiles, and a VM pod that waits', async () => {
    await cluster.controlPlane.makeReadyNode('arm', { 'kubernetes.io/arch': 'arm64' })
    await cluster.addRevision('fleet')
    const found = seen()
    assert.ok(found.problems.some((one) => one.about === '1 node (arm)'))
    assert.ok(found.problems.some((one) => one.about === 'profile fleet'))
    assert.deepEqual(found.nodes, { arm64: 1, reported: 0, probed: 0, serving: 0 })
  })

  it('names a policy that is missing, and why break-glass is on', async () => {
    await kubectl(['delete', 'validatingadmissionpolicy', 'pod-guard.cpufeatures.dev'])
    const key = 'cpufeatures.dev/break-glass'
    await kubectl(['annotate', 'configmap', 'cpufeatures-settings', '-n', ELSEWHERE, `${key}=QEMU hangs`])
    const found = seen()
    const text = found.problems.map(({ what }) => what).join('\n')
    assert.match(text, /ValidatingAdmissionPolicy pod-guard\.cpufeatures\.dev is missing/)
    assert.match(text, /it is on \(QEMU hangs\)/)
    assert.equal(found.breakGlass, 'QEMU hangs')
  })

  it('waits no longer than it is told to, and says for what', () => {
    const { status, stderr } = verb('--wait', '--timeout', '1')
    assert.equal(status, 1)
    assert.match(stderr, /^waiting: installation: /)
  })
})
