import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { after, before, describe, it } from 'node:test'
import { eventually } from '../../harness/eventually.ts'
import { runFolder } from '../../harness/lab-paths.ts'
import { startProcess } from '../../harness/process.ts'
import { builtBundle } from '../../harness/product-bundle.ts'
import { failureOf, pod, vmPod } from '../api/installed-api.ts'
import { profileOf } from './run-verb.ts'
import { ELSEWHERE, OUR_VMM, UninstallCluster } from './uninstall-cluster.ts'

const CLASS = 'cpufeatures.dev/class'

/** What a container with one of our seccomp profiles needs. */
const LAST = [
  'configmap/cpufeatures-settings',
  'daemonset.apps/cpufeatures-holder',
  `namespace/${ELSEWHERE}`,
  'networkpolicy.networking.k8s.io/cpufeatures-holder',
  'serviceaccount/cpufeatures-holder',
  ...[
    ...['mutatingadmissionpolicy', 'mutatingadmissionpolicybinding'].map((kind) => [kind, 'pod-gate']),
    ...['validatingadmissionpolicy', 'validatingadmissionpolicybinding'].flatMap((kind) => [
      [kind, 'pod-profile'],
      [kind, 'pod-seccomp'],
    ]),
  ].map(([kind, name]) => `${kind}.admissionregistration.k8s.io/${name}.cpufeatures.dev`),
]

describe('uninstalling cpufeatures from a namespace of the user’s choice', () => {
  let cluster: UninstallCluster
  let revision: string
  let rev: string
  const kubectl = (args: readonly string[], input?: string) => cluster.controlPlane.kubectl(args, input)

  before(async () => {
    cluster = await UninstallCluster.start()
    await cluster.install()
    revision = await cluster.addRevision('fleet')
    rev = `rev.cpufeatures.dev/${revision}`
    for (const node of ['n1', 'n2']) await kubectl(['label', 'node', node, `${CLASS}=0123`, `${rev}=`])
    await cluster.addVm('vm', revision, 'n1')
    await cluster.create(vmPod('held'))
  })
  after(() => cluster.stop())

  it('refuses while VM pods are there, lists them with the reasons, and changes nothing', async () => {
    const writes = await cluster.writesDuring(async () => {
      const { status, report } = await cluster.uninstall()
      assert.equal(status, 3)
      assert.equal(report.outcome, 'refused')
      assert.deepEqual(report.namespaces, [ELSEWHERE])
      const container = 'container vmm has the seccomp profile cpufeatures/unset-chroot.json'
      assert.deepEqual(
        report.pods.map(({ namespace, name, node, profile, why }) => [namespace, name, node, profile, why]),
        [
          [
            ...['default', 'held', undefined, 'fleet'],
            [container, 'it waits until the controller removes its scheduling gate'],
          ],
          [...['default', 'vm', 'n1', 'fleet'], [container, `it is pinned to revision ${revision}`]],
        ],
      )
      assert.deepEqual(report.removed, [])
      const dry = await cluster.uninstall('--dry-run')
      assert.deepEqual([dry.status, dry.report.outcome], [3, 'refused'])
    })
    assert.deepEqual(writes, [])
    await kubectl(['delete', 'pod', 'held'])
  })

  it('says in a dry run what would go and what would stay, and changes nothing', async () => {
    const before = await cluster.installed()
    const writes = await cluster.writesDuring(async () => {
      const { status, report, progress } = await cluster.uninstall('--dry-run', '--force')
      assert.deepEqual([status, report.outcome, report.stays.length], [0, 'holder-stays', LAST.length + 1])
      assert.ok(report.stays.includes(`Node n1: its label ${rev}, because pod default/vm requires it`))
      for (const one of ['CpuFeatureProfile fleet', `CpuFeatureProfileRevision ${revision}`])
        assert.ok(report.removed.includes(one), one)
      assert.ok(report.removed.includes(`Deployment ${ELSEWHERE}/cpufeatures-controller`))
      assert.ok(!report.removed.includes(`DaemonSet ${ELSEWHERE}/cpufeatures-holder`))
      assert.match(progress, /would have deleted CpuFeatureProfile fleet/)
    })
    assert.deepEqual(writes, [])
    assert.deepEqual(await cluster.installed(), before)
  })

  it('forced, leaves what the VM needs: the holder, the policies of its seccomp profiles, the labels of its node', async () => {
    const { status, report } = await cluster.uninstall('--force')
    assert.deepEqual([status, report.outcome], [0, 'holder-stays'], report.why)
    assert.deepEqual((await cluster.installed()).toSorted(), LAST.toSorted())
    assert.deepEqual(await cluster.labelsOf('n1'), [rev])
    assert.deepEqual(await cluster.labelsOf('n2'), [])
    await kubectl(['get', 'pod', 'vm'])
  })

  it('then admits new VM pods without their profile, and still refuses the seccomp profiles to others', async () => {
    const made = await eventually('VM pods are admitted', () => cluster.admits())
    assert.doesNotMatch(made, /schedulingGates|seccompProfile/)
    const seccompProfile = { type: 'Localhost', localhostProfile: 'cpufeatures/unconfined.json' }
    const sly = pod('sly', { spec: { securityContext: { seccompProfile } } })
    assert.match(await failureOf(cluster.admits(sly)), /is for containers that request a KVM resource/)
  })

  it('still refuses the rest while that VM is there', async () => {
    const writes = await cluster.writesDuring(async () => {
      const { status, report } = await cluster.uninstall()
      assert.deepEqual([status, report.outcome], [3, 'refused'])
    })
    assert.deepEqual(writes, [])
  })

  it('removes the rest once the VM has ended, and finds nothing after that', async () => {
    await kubectl(['delete', 'pod', 'vm', '--force', '--grace-period=0'])
    const { status, report } = await cluster.uninstall()
    assert.deepEqual([status, report.outcome, report.stays], [0, 'removed', []], report.why)
    assert.deepEqual(await cluster.installed(), [])
    assert.deepEqual(await cluster.labelsOf('n1'), [])
    await assert.rejects(kubectl(['get', 'namespace', ELSEWHERE]), /not found/)
    const again = await cluster.uninstall()
    assert.deepEqual([again.status, again.report.outcome], [0, 'not-installed'])
  })

  it('continues when it was killed between any steps', async () => {
    await cluster.install()
    await cluster.addRevision('fleet')
    await kubectl(['label', 'node', 'n1', `${CLASS}=0123`])
    let kills = 0
    while (await killedAfter(cluster, 3)) kills += 1
    assert.ok(kills > 5, `it was killed ${kills} times`)
    assert.deepEqual(await cluster.installed(), [])
    assert.deepEqual(await cluster.labelsOf('n1'), [])
    await assert.rejects(kubectl(['get', 'namespace', ELSEWHERE]), /not found/)
  })

  it('leaves the revisions to a controller that leads', async () => {
    await cluster.install()
    const serviceAccount = { namespace: ELSEWHERE, name: 'cpufeatures-controller' }
    const kubeconfig = await cluster.controlPlane.kubeconfigFor({ serviceAccount })
    const command = [
      ...[process.execPath, builtBundle(), 'controller', '--kubeconfig', kubeconfig],
      ...['--namespace', ELSEWHERE, '--identity', 'a', '--metrics-address', '127.0.0.1:0'],
    ]
    const controller = startProcess(command, `${runFolder('uninstall-controller')}/log.log`)
    try {
      await eventually('the controller leads', async () => {
        const lease = ['get', 'lease', 'cpufeatures-controller', '-n', ELSEWHERE]
        const holder = await kubectl([...lease, '-o', 'jsonpath={.spec.holderIdentity}'])
        return holder.startsWith('a_') ? true : undefined
      })
      await cluster.create(profileOf({ base: { host: {} } }))
      const name = await eventually('it has made a revision', async () => {
        const names = await kubectl(['get', 'cfpr', '-o', 'jsonpath={.items[*].metadata.name}'])
        return names === '' ? undefined : names
      })
      const since = Date.now()
      const { status, report } = await cluster.uninstall()
      assert.deepEqual([status, report.outcome], [0, 'removed'], report.why)
      const deleted = (await cluster.controlPlane.auditedWrites(since)).filter(
        (write) => write.resource === 'cpufeatureprofilerevisions' && write.verb === 'delete',
      )
      assert.deepEqual(
        deleted.map((write) => [write.user, write.name]),
        [[`system:serviceaccount:${ELSEWHERE}:cpufeatures-controller`, name]],
      )
    } finally {
      await controller.stop()
    }
  })

  it('leaves the holder to a pod that came while it deleted, and says so', async () => {
    await cluster.install()
    await cluster.addRevision('fleet')
    let came = false
    const report = await cluster.uninstallWith((real) => ({
      delete: async (...args) => {
        if (!came) await cluster.create(vmPod('late', 'fleet', { containers: [OUR_VMM] }))
        came = true
        await real.delete(...args)
      },
    }))
    assert.deepEqual([report.outcome, report.pods.map(({ name }) => name)], ['holder-stays', ['late']])
    assert.deepEqual((await cluster.installed()).toSorted(), LAST.toSorted())
    await kubectl(['delete', 'pod', 'late'])
    assert.equal((await cluster.uninstall()).report.outcome, 'removed')
  })

  it('names what stays and why when the time is over', async () => {
    await cluster.install()
    const name = await cluster.addRevision('fleet')
    const finalizers = JSON.stringify({ metadata: { finalizers: ['example.com/audit'] } })
    await kubectl(['patch', 'cfpr', name, '--type=merge', '-p', finalizers])
    const { status, report } = await cluster.uninstall('--timeout', '5')
    assert.deepEqual([status, report.outcome], [1, 'stopped'])
    assert.match(report.why ?? '', new RegExp(`after 5 s .*${name} \\(its finalizers are example.com/audit`))
    await kubectl(['patch', 'cfpr', name, '--type=merge', '-p', '{"metadata":{"finalizers":null}}'])
    assert.equal((await cluster.uninstall()).report.outcome, 'removed')
  })

  it('asks for our label if objects of ours lack it, and changes nothing', async () => {
    await kubectl(['apply', '-f', 'crds/nodecpufeatures.yaml'])
    const writes = await cluster.writesDuring(async () => {
      const { status, report } = await cluster.uninstall()
      assert.deepEqual([status, report.outcome], [1, 'stopped'])
      assert.match(
        report.why ?? '',
        /nodecpufeatures.cpufeatures.dev: the label cpufeatures.dev\/installed is missing/,
      )
    })
    assert.deepEqual(writes, [])
  })
})

/** Runs it, and kills it when it has said of so many objects that they are deleted; whether that came before its end. */
const killedAfter = (cluster: UninstallCluster, lines: number): Promise<boolean> =>
  new Promise((resolve, reject) => {
    const [program = '', ...args] = cluster.command()
    const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] })
    let said = ''
    child.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString()
      if ((said.match(/^(deleted|removed) /gm) ?? []).length >= lines) child.kill('SIGKILL')
    })
    child.once('error', reject)
    child.once('close', (code, signal) => {
      if (signal === 'SIGKILL') resolve(true)
      else if (code === 0) resolve(false)
      else reject(new Error(said))
    })
  })
