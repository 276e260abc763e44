import assert from 'node:assert/strict'
import { before, it } from 'node:test'
import { parseGuestReport } from '../e2e/guest-report.ts'
import { STOCK_QEMU } from '../e2e/virtual-machine.ts'
import type { ControlPlane } from '../harness/control-plane.ts'
import { eventually } from '../harness/eventually.ts'
import { createPod, podReaches, vmContainer } from '../harness/pods.ts'
import { runCommand } from '../harness/process.ts'
import { builtBundle } from '../harness/product-bundle.ts'
import { FLEET_PROFILE } from './installation.ts'

/** Registers the tests of what the product, installed on a Neoverse V1, does with pods in the cluster. */
export const levelsPods = (cluster: () => Promise<ControlPlane>): void => {
  let plane: ControlPlane
  let kubectl: ControlPlane['kubectl']

  before(async () => {
    plane = await cluster()
    kubectl = plane.kubectl
    await kubectl(['apply', '-f', '-'], JSON.stringify(FLEET_PROFILE))
  })

  const jsonpath = (object: readonly string[], path: string): Promise<string> =>
    kubectl(['get', ...object, '-o', `jsonpath=${path}`])

  it('makes a profile schedulable', async () => {
    const path = '{.status.conditions[?(@.type=="Schedulable")].status}'
    await eventually('the profile is schedulable', async () => {
      const status = await jsonpath(['cfp', 'fleet'], path)
      return status === 'True' ? true : undefined
    })
  })

  it('has no problem, says the CLI', async () => {
    const status = ['status', '--wait', '--kubeconfig', plane.adminKubeconfig]
    const { stdout } = await runCommand([process.execPath, builtBundle(), ...status])
    assert.match(stdout, /arm64 nodes: [12] \([^]*No problem found\./)
  })

  it('levels the guest of a labelled pod with stock QEMU, and says so with proof', async () => {
    await createPod(kubectl, {
      name: 'levelled',
      labels: { 'cpufeatures.dev/profile': 'fleet' },
      container: vmContainer(STOCK_QEMU),
    })
    await podReaches(kubectl, 'levelled', 'Succeeded')
    const { features } = parseGuestReport(await kubectl(['logs', 'levelled']))
    assert.ok(features.includes('asimd'))
    assert.deepEqual(
      features.filter((name) => ['sve', 'i8mm', 'svei8mm'].includes(name)),
      [],
    )
    const condition = '{.status.conditions[?(@.type=="cpufeatures.dev/Applied")]}'
    await eventually('the pod says that its profile was applied', async () => {
      const text = await jsonpath(['pod', 'levelled'], condition)
      const { status, reason } = JSON.parse(text) as { status: string; reason: string }
      assert.deepEqual({ status, reason }, { status: 'True', reason: 'LaunchApplied' })
      return true
    })
    const proof = JSON.parse(
      await jsonpath(['pod', 'levelled'], '{.metadata.annotations.cpufeatures\\.dev/applied}'),
    ) as { container: string; revision: string; kept: Record<string, string> }
    assert.equal(proof.container, 'vm')
    assert.match(proof.revision, /^fleet-[0-9a-f]{10}$/)
    assert.ok('ID_AA64ISAR1_EL1' in proof.kept)
  })

  it('leaves an unlabelled pod beside it as it is', async () => {
    await createPod(kubectl, { name: 'plain', container: vmContainer(STOCK_QEMU) })
    await podReaches(kubectl, 'plain', 'Succeeded')
    const { features } = parseGuestReport(await kubectl(['logs', 'plain']))
    assert.ok(features.includes('sve') && features.includes('i8mm'))
    const profile = '{.spec.containers[0].securityContext.seccompProfile}'
    assert.equal(await jsonpath(['pod', 'plain'], profile), '')
  })
}
