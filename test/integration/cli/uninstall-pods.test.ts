import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { UninstallReport } from '../../../src/cli/uninstall/uninstall-report.ts'
import { systemClock } from '../../../src/runtime/clock.ts'
import { eventually } from '../../harness/eventually.ts'
import { policiesAtWork, vmPod } from '../api/installed-api.ts'
import { ELSEWHERE, OUR_VMM, UninstallCluster } from './uninstall-cluster.ts'

/**
 * On an API server of its own: the first complete uninstallation comes last, because break-glass has no effect on that API server after
 * it (kubernetes#130887).
 */
describe('pods that are created while cpufeatures is uninstalled', () => {
  let cluster: UninstallCluster
  const kubectl = (args: readonly string[], input?: string) => cluster.controlPlane.kubectl(args, input)

  before(async () => {
    cluster = await UninstallCluster.start()
    await cluster.install()
  })
  after(() => cluster.stop())

  it('make it refuse, and take break-glass back, if they came before break-glass was on', async () => {
    const before = await cluster.installed()
    let report: UninstallReport | undefined
    const writes = await cluster.writesDuring(async () => {
      report = await cluster.uninstallWith((real) => ({
        patchMerge: async (...args) => {
          const [resource] = args
          const first = (await kubectl(['get', 'pods', '-o', 'name'])) === ''
          if (resource.kind === 'ConfigMap' && first) await cluster.create(vmPod('early'))
          return await real.patchMerge(...args)
        },
      }))
    })
    assert.deepEqual([report?.outcome, report?.pods.map(({ name }) => name)], ['refused', ['early']])
    assert.deepEqual([report?.breakGlass, report?.removed], [false, []])
    const patched = 'patch configmaps cpufeatures-settings'
    assert.deepEqual(writes, ['create pods early', patched, patched])
    assert.equal(await cluster.breakGlass(), undefined)
    assert.deepEqual(await cluster.installed(), before)
  })

  it('make it refuse with break-glass on if a part is missing, so that no more get stuck', async () => {
    await kubectl(['delete', 'daemonset', 'cpufeatures-node-agent', '-n', ELSEWHERE])
    const writes = await cluster.writesDuring(async () => {
      const { status, report } = await cluster.uninstall()
      assert.deepEqual([status, report.outcome, report.breakGlass], [3, 'refused', true])
    })
    assert.deepEqual(writes, ['patch configmaps cpufeatures-settings'])
    assert.match((await cluster.breakGlass()) ?? '', /being uninstalled/)
    assert.doesNotMatch(await cluster.admits(), /schedulingGates/)
    await kubectl(['delete', 'pod', 'early'])
  })

  it('are not completed once nothing would serve them, even if it dies while break-glass is off', async () => {
    const wrong: string[] = []
    let isHolderGone = false
    const probe = async (when: string) => {
      if (!isHolderGone) return
      const made = await cluster.admits().catch(String)
      if (!made.includes('"kind": "Pod"') || made.includes('schedulingGates')) wrong.push(`${when}: ${made}`)
    }
    const sleep = async (ms: number) => {
      await probe('before a pause')
      await systemClock.sleep(ms)
      await probe('after a pause')
    }
    const report = await cluster.uninstallWith(
      (real) => ({
        delete: async (...args) => {
          if (isHolderGone && (await cluster.breakGlass()) === undefined) throw new Error('it died')
          await real.delete(...args)
          isHolderGone ||= args[0].kind === 'DaemonSet' && args[1].name === 'cpufeatures-holder'
        },
      }),
      { ...systemClock, sleep },
    )
    assert.deepEqual([report.outcome, report.why, report.breakGlass], ['stopped', 'it died', false])
    assert.ok(isHolderGone)
    assert.deepEqual(wrong, [])
    await probe('after it died')
    assert.deepEqual(wrong, [])
  })

  it('are completed as before when deploy/ is applied again', async () => {
    const bindings = ['get', 'mutatingadmissionpolicybindings', '-o', 'name']
    assert.match(await kubectl(bindings), /uninstall-pod-gate.cpufeatures.dev/)
    await cluster.apply()
    await policiesAtWork(cluster.controlPlane)
    const settings = ['configmap', 'cpufeatures-settings', '-n', ELSEWHERE]
    await kubectl(['annotate', ...settings, 'cpufeatures.dev/break-glass=try'])
    await eventually('the API server still follows the settings', async () =>
      (await cluster.admits()).includes('schedulingGates') ? undefined : true,
    )
    await kubectl(['annotate', ...settings, 'cpufeatures.dev/break-glass-'])
    await policiesAtWork(cluster.controlPlane)
  })

  it('are named if they came at the very end; and a namespace in which others have something stays', async () => {
    await kubectl(['create', 'secret', 'generic', 'registry', '-n', ELSEWHERE])
    await kubectl(['create', 'configmap', 'notes', '-n', ELSEWHERE])
    let came = false
    const report = await cluster.uninstallWith((real) => ({
      delete: async (...args) => {
        if (!came && args[0].kind === 'ValidatingAdmissionPolicy' && args[1].name.startsWith('pod-seccomp')) {
          came = true
          await cluster.create(vmPod('late', 'fleet', { containers: [OUR_VMM] }))
        }
        await real.delete(...args)
      },
    }))
    assert.deepEqual([report.outcome, report.pods.map(({ name }) => name)], ['removed', ['late']], report.why)
    const [namespace, late, ...rest] = report.stays
    assert.equal(
      namespace,
      `Namespace ${ELSEWHERE}: others have something in it (Secret registry, ConfigMap notes). Delete it yourself`,
    )
    assert.match(late ?? '', /^Pod default\/late: container vmm has the seccomp profile .* Delete it$/)
    assert.deepEqual(rest, [])
    assert.deepEqual(await cluster.installed(), [`namespace/${ELSEWHERE}`])
    await kubectl(['delete', 'pod', 'late'])
    await kubectl(['delete', 'secret/registry', 'configmap/notes', '-n', ELSEWHERE])
    assert.equal((await cluster.uninstall()).report.outcome, 'removed')
  })
})
