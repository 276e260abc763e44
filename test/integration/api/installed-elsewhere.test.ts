import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { startControlPlane, type ControlPlane } from '../../harness/control-plane.ts'
import { eventually } from '../../harness/eventually.ts'
import { installCrds } from '../../harness/install-crds.ts'
import { runFolder } from '../../harness/lab-paths.ts'
import { failureOf, pod, policiesAtWork, RULES, VMM, vmPod } from './installed-api.ts'

const ELSEWHERE = 'vm-cpus'
const SETTINGS = ['configmap', 'cpufeatures-settings', '-n', ELSEWHERE]

/** A kustomization of a user: another namespace, and settings of their own. */
const ownKustomization = (): string => {
  const folder = runFolder('kustomization')
  mkdirSync(folder, { recursive: true })
  const settings = { kvmResources: 'lab.local/kvm\ndevices.kubevirt.io/kvm\n', runtimeClasses: 'crun\n' }
  const patch = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'cpufeatures-settings' },
    data: settings,
  }
  const kustomization = {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    namespace: ELSEWHERE,
    resources: [relative(folder, RULES)],
    patches: [{ patch: JSON.stringify(patch) }],
  }
  writeFileSync(join(folder, 'kustomization.yaml'), JSON.stringify(kustomization))
  return folder
}

describe('cpufeatures in a namespace of the user’s choice, with settings of theirs', () => {
  let controlPlane: ControlPlane
  let controller: string
  let agentOfA: string
  const dryRun = (object: object, ...args: string[]): Promise<string> =>
    controlPlane.kubectl(
      ['create', '--dry-run=server', '-o', 'json', ...args, '-f', '-'],
      JSON.stringify(object),
    )
  const create = (object: object): Promise<string> =>
    controlPlane.kubectl(['create', '-f', '-'], JSON.stringify(object))
  const ungate = JSON.stringify([{ op: 'remove', path: '/spec/schedulingGates/0' }])
  const vmWith = (resource: string, rest: object = {}): object =>
    vmPod('vm', 'fleet', { containers: [{ ...VMM, resources: { limits: { [resource]: '1' } } }], ...rest })
  const gated = async (object: object): Promise<boolean> =>
    (await dryRun(object)).includes('"schedulingGates"')

  before(async () => {
    controlPlane = await startControlPlane()
    await installCrds(controlPlane)
    await controlPlane.kubectl(['apply', '-k', ownKustomization()])
    await policiesAtWork(controlPlane)
    await controlPlane.makeReadyNode('node-a')
    await controlPlane.makeReadyNode('node-b')
    const of = (name: string) => ({ serviceAccount: { namespace: ELSEWHERE, name } })
    controller = await controlPlane.kubeconfigFor(of('cpufeatures-controller'))
    agentOfA = await controlPlane.kubeconfigFor({ ...of('cpufeatures-node-agent'), nodeName: 'node-a' })
  })
  after(() => controlPlane.stop())

  it('leaves nothing in the default namespace', async () => {
    const everything = ['get', 'all,configmaps,serviceaccounts,roles,rolebindings', '-A', '-o', 'name']
    assert.match(await controlPlane.kubectl(everything), /cpufeatures/)
    await assert.rejects(controlPlane.kubectl(['get', 'namespace', 'cpufeatures-system']), /not found/)
  })

  it('lets its own controller pin, and no controller of another namespace', async () => {
    await create(vmPod('pinned'))
    const pin = ['patch', 'pod', 'pinned', '--type=json', '-p', ungate]
    const subject = { serviceAccount: { namespace: 'default', name: 'cpufeatures-controller' } }
    await controlPlane.kubectl(['create', 'serviceaccount', subject.serviceAccount.name])
    await controlPlane.kubectl(['create', 'role', 'namesake', '--verb=get,patch', '--resource=pods'])
    const binding = ['create', 'rolebinding', 'namesake', '--role=namesake']
    await controlPlane.kubectl([...binding, '--serviceaccount=default:cpufeatures-controller'])
    const namesake = await controlPlane.kubeconfigFor(subject)
    assert.match(
      await failureOf(controlPlane.kubectl(['--kubeconfig', namesake, ...pin])),
      /only the controller may remove the gate/,
    )
    await controlPlane.kubectl(['--kubeconfig', controller, ...pin])
  })

  it('confines its controller and its node-agents', async () => {
    const taint = ['taint', 'node', 'node-a', 'x=y:NoSchedule']
    assert.match(
      await failureOf(controlPlane.kubectl(['--kubeconfig', controller, ...taint])),
      /the controller may change only labels of a node/,
    )
    const report = (name: string): string =>
      JSON.stringify({ apiVersion: 'cpufeatures.dev/v1alpha1', kind: 'NodeCpuFeatures', metadata: { name } })
    const asAgent = (input: string): Promise<string> =>
      controlPlane.kubectl(['--kubeconfig', agentOfA, 'create', '-f', '-'], input)
    assert.match(await failureOf(asAgent(report('node-b'))), /only the report of its own node/)
    await asAgent(report('node-a'))
  })

  it('takes the KVM resources and runtime classes of its settings, and no others', async () => {
    assert.ok(await gated(vmWith('lab.local/kvm')))
    assert.ok(!(await gated(vmWith('squat.ai/kvm'))))
    for (const name of ['crun', 'kata'])
      await create({ apiVersion: 'node.k8s.io/v1', kind: 'RuntimeClass', metadata: { name }, handler: name })
    assert.ok(await gated(vmWith('lab.local/kvm', { runtimeClassName: 'crun' })))
    assert.match(
      await failureOf(dryRun(vmWith('lab.local/kvm', { runtimeClassName: 'kata' }))),
      new RegExp(`kata is not known.*ConfigMap ${ELSEWHERE}/cpufeatures-settings`, 's'),
    )
  })

  describe('while break-glass is on', () => {
    const turn = (state: string): Promise<string> =>
      controlPlane.kubectl(['annotate', ...SETTINGS, `cpufeatures.dev/break-glass${state}`])
    before(async () => {
      await create({
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: {
          name: 'vms',
          labels: {
            'cpufeatures.dev/default-profile': 'fleet',
            'pod-security.kubernetes.io/enforce': 'baseline',
          },
        },
      })
      await create(vmPod('held'))
      const since = Date.now()
      await turn('=the holder crashes')
      const written = (await controlPlane.auditedWrites(since)).map(({ user, verb, name }) => [
        user,
        verb,
        name,
      ])
      assert.deepEqual(written, [['admin', 'patch', 'cpufeatures-settings']])
      await eventually('break-glass is on', async () => ((await gated(vmPod('probe'))) ? undefined : true))
    })

    it('admits a labelled VM without gate and without our seccomp profile, and warns with the reason', async () => {
      const made = JSON.parse(await dryRun(vmPod('unlevelled'))) as {
        metadata: { labels: object }
        spec: { containers: object[] }
      }
      assert.deepEqual(made.metadata.labels, {
        'cpufeatures.dev/profile': 'fleet',
        'cpufeatures.dev/unlevelled': 'break-glass',
      })
      assert.ok(!JSON.stringify(made.spec).includes('seccompProfile'))
      assert.match(
        await failureOf(dryRun(vmPod('unlevelled'), '--warnings-as-errors')),
        /break-glass is on \(the holder crashes\): the VMs of this pod start without the CPU of their profile/,
      )
    })

    it('marks the VMs of a namespace with a default profile, and gives them no label that they would keep', async () => {
      const made = await dryRun(pod('vm', { metadata: { namespace: 'vms' }, spec: { containers: [VMM] } }))
      const { metadata } = JSON.parse(made) as { metadata: { labels: object } }
      assert.deepEqual(metadata.labels, { 'cpufeatures.dev/unlevelled': 'break-glass' })
    })

    it('admits what cannot have a profile, too: another Localhost profile, SYS_ADMIN', async () => {
      const seccompProfile = { type: 'Localhost', localhostProfile: 'mine.json' }
      const securityContext = { seccompProfile, capabilities: { add: ['SYS_ADMIN'] } }
      await dryRun(vmPod('vm', 'fleet', { containers: [{ ...VMM, securityContext }] }))
    })

    it('keeps our profiles from being a way around the Pod Security Standard of the namespace', async () => {
      for (const file of ['cpufeatures/unconfined.json', './cpufeatures/unconfined.json']) {
        const securityContext = { seccompProfile: { type: 'Localhost', localhostProfile: file } }
        const vm = pod('vm', {
          metadata: { namespace: 'vms', labels: { 'cpufeatures.dev/profile': 'fleet' } },
          spec: { containers: [{ ...VMM, securityContext }] },
        })
        assert.match(
          await failureOf(dryRun(vm)),
          /enforces the Pod Security Standard baseline|our profiles are for containers/,
        )
      }
    })

    it('leaves a pod that was gated before as it is', async () => {
      const pin = ['patch', 'pod', 'held', '--type=json', '-p', ungate]
      assert.match(await failureOf(controlPlane.kubectl(pin)), /only the controller may remove the gate/)
    })

    it('ends with one command, and what comes then is gated again', async () => {
      await turn('-')
      await eventually('break-glass is off', async () => ((await gated(vmPod('probe'))) ? true : undefined))
      assert.ok((await dryRun(vmPod('after'))).includes('cpufeatures/unset-chroot.json'))
    })
  })

  describe('without its settings', () => {
    before(async () => {
      await controlPlane.kubectl(['delete', ...SETTINGS])
      await eventually('they are gone', async () => {
        const answer = await dryRun(vmPod('probe')).catch(String)
        return answer.includes('no params found') ? true : undefined
      })
    })

    it('refuses new pods that name a profile and VMs of namespaces that have one, and no other write', async () => {
      const inVms = (rest: object): object => pod('x', { metadata: { namespace: 'vms' }, ...rest })
      assert.match(await failureOf(dryRun(inVms({ spec: { containers: [VMM] } }))), /no params found/)
      await dryRun(pod('web'))
      await dryRun(pod('vm', { spec: { containers: [VMM] } }))
      await controlPlane.kubectl(['label', 'pod', 'held', 'still=written'])
    })

    it('still keeps our seccomp profiles to pods that name a profile, and confines controller and node-agents', async () => {
      const seccompProfile = { type: 'Localhost', localhostProfile: 'cpufeatures/unconfined.json' }
      assert.match(
        await failureOf(dryRun(pod('sly', { spec: { securityContext: { seccompProfile } } }))),
        /is for containers that request a KVM resource/,
      )
      const taint = ['--kubeconfig', controller, 'taint', 'node', 'node-a', 'x=y:NoSchedule']
      assert.match(await failureOf(controlPlane.kubectl(taint)), /may change only labels of a node/)
    })
  })
})
