import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { eventually } from '../harness/eventually.ts'
import { LAB_PATHS } from '../harness/lab-paths.ts'
import { notice } from '../harness/progress.ts'
import { conditionOf, has, POOL_PROFILE, profile } from '../integration/controller/fleet.ts'
import {
  kubevirtCluster,
  revisionOf,
  scheduledReason,
  type KubevirtCluster,
  type LauncherContainer,
  type LauncherPod,
} from './kubevirt-cluster.ts'

const GATE = { name: 'cpufeatures.dev/profile' }
const STRICT = 'strict'
const OWN = { base: { host: {} } }
/** KVM gives no guest the Scalable Matrix Extension. */
const IMPOSSIBLE = { ...OWN, features: [{ name: 'FEAT_SME', state: 'Required' }] }

const seccompOf = ({ name, securityContext }: LauncherContainer): [string, string | undefined] => [
  name,
  securityContext?.seccompProfile?.localhostProfile ?? securityContext?.seccompProfile?.type,
]

/** What decides about the security of a container, without our seccomp profile. */
const securityOf = ({ securityContext, resources }: LauncherContainer): object => ({
  securityContext: { ...securityContext, seccompProfile: undefined },
  limits: Object.keys(resources?.limits ?? {}).sort(),
})

/** What the product looks at in a pod, without the names of its VM. The containers of disks are named after the disk. */
const shapeOf = ({ metadata, spec }: LauncherPod): object => ({
  labels: Object.keys(metadata.labels ?? {})
    .filter((key) => key.includes('kubevirt.io'))
    .sort(),
  annotations: Object.keys(metadata.annotations ?? {})
    .filter((key) => key.includes('kubevirt.io'))
    .sort(),
  owners: metadata.ownerReferences?.map(({ apiVersion, kind, controller }) => ({
    apiVersion,
    kind,
    controller,
  })),
  securityContext: spec.securityContext,
  containers: spec.containers.map(securityOf),
  initContainers: spec.initContainers?.map(securityOf),
})

describe('a pod that virt-controller makes for a VM', () => {
  let cluster: KubevirtCluster

  const vmIs = (name: string, status: string): Promise<unknown> =>
    cluster.fleet.becomes(['vm', name], `is ${status}`, (vm) => vm.status?.['printableStatus'] === status)

  before(async () => {
    cluster = await kubevirtCluster()
  })
  after(() => cluster.deleteVms())

  it('waits at our gate for a profile that does not exist, and the VM and its instance say so', async () => {
    await cluster.createVm('web', { 'cpufeatures.dev/profile': 'later' })
    const pod = await cluster.podBecomes(
      'web',
      'is gated',
      (one) => scheduledReason(one) === 'SchedulingGated',
    )
    assert.deepEqual(pod.spec.schedulingGates, [GATE])
    assert.equal(revisionOf(pod), undefined)
    const texts = await cluster.usersRead('web', /^ProfileNotFound: /)
    for (const text of texts)
      assert.match(text, new RegExp(`pod ${pod.metadata.name}: there is no CpuFeatureProfile later`))
    await vmIs('web', 'Starting')
  })

  it('has our seccomp profile on the container with KVM alone, which runs as uid 107', async () => {
    const [pod] = await cluster.podsOf('web')
    const { containers, initContainers = [], securityContext } = pod?.spec ?? assert.fail()
    const profiles = [...containers, ...initContainers].map(seccompOf)
    const others = profiles.filter(([name]) => name !== 'compute')
    assert.deepEqual(
      profiles.filter(([name]) => name === 'compute'),
      [['compute', 'cpufeatures/kubevirt.json']],
    )
    assert.ok(others.length >= 2, JSON.stringify(profiles))
    assert.ok(
      others.every(([, seccomp]) => seccomp === undefined),
      JSON.stringify(profiles),
    )
    assert.deepEqual(securityContext?.seccompProfile, {
      type: 'Localhost',
      localhostProfile: 'kubevirt/kubevirt.json',
    })
    assert.equal(containers.find(({ name }) => name === 'compute')?.securityContext?.runAsUser, 107)
  })

  it('is made as the recorded one that `make test` uses', async () => {
    const recorded = join(LAB_PATHS.root, 'test/fixtures/virt-launcher/container-disk-seccomp.json')
    const [pod] = await cluster.podsOf('web')
    const expected = JSON.parse(await readFile(recorded, 'utf8')) as LauncherPod
    assert.deepEqual(shapeOf(pod ?? assert.fail()), shapeOf(expected))
  })

  it('is pinned and released once its profile has compiled, and the VM runs', async () => {
    await cluster.fleet.apply(profile('later', POOL_PROFILE))
    const pod = await cluster.podBecomes('web', 'is bound', ({ spec }) => spec.nodeName !== undefined)
    const { status } = await cluster.fleet.get('cfp', 'later')
    assert.equal(revisionOf(pod), status?.currentRevision)
    assert.equal(pod.spec.schedulingGates, undefined)
    assert.equal(conditionOf(pod, 'cpufeatures.dev/Schedulable').status, 'True')
    await cluster.runs('web')
    await vmIs('web', 'Running')
  })

  it('tells its VM why the node-agent refused the launch', async () => {
    const [pod] = await cluster.podsOf('web')
    const text = 'revision fleet-1: ID_AA64ISAR0_EL1.RNDR'
    await cluster.fleet.refuseLaunch(pod?.metadata.name ?? assert.fail(), text)
    for (const event of await cluster.usersRead('web', /^LaunchRefused: /))
      assert.ok(event.includes(text), event)
  })

  it('is refused where its namespace allows other profiles only, and its instance says so', async () => {
    await cluster.kubectl(['create', 'namespace', STRICT])
    await cluster.kubectl(['annotate', 'namespace', STRICT, 'cpufeatures.dev/allowed-profiles=legacy'])
    await cluster.createVm('denied', { 'cpufeatures.dev/profile': 'fleet' }, STRICT)
    await eventually('the instance says so', async () => {
      const events = await cluster.eventsOf('VirtualMachineInstance', 'denied')
      return events.find((one) =>
        /^FailedCreate: .*fleet is not allowed in this namespace; allowed: legacy/s.test(one),
      )
    })
    assert.deepEqual(await cluster.podsOf('denied', STRICT), [])
    await cluster.deleteVms(STRICT)
  })

  it('is unschedulable where no node fits, and the VM says which feature is missing', async () => {
    await cluster.fleet.apply(profile('hard', IMPOSSIBLE))
    await cluster.createVm('hard', { 'cpufeatures.dev/profile': 'hard' })
    const pod = await cluster.podBecomes(
      'hard',
      'is released',
      (one) => scheduledReason(one) === 'Unschedulable',
    )
    assert.equal(pod.spec.schedulingGates, undefined)
    for (const text of await cluster.usersRead('hard', /^NoCompatibleNode: /)) assert.match(text, /FEAT_SME/)
    // KubeVirt copies the pod's condition PodScheduled once, and has often seen it while the pod was gated.
    const { status } = await cluster.fleet.get('vm', 'hard')
    assert.match(String(status?.['printableStatus']), /^(Starting|ErrorUnschedulable)$/)
    notice(`the VM for which no node fits is ${String(status?.['printableStatus'])}`)
  })

  it('is Superseded once nodes fit a newer revision, and a restart gets that one', async () => {
    const old = revisionOf((await cluster.podsOf('hard'))[0] ?? assert.fail())
    await cluster.fleet.apply(profile('hard', OWN))
    await cluster.usersRead('hard', /^Superseded: .*restart the VM to get it/)
    const pod = await cluster.podBecomes('hard', 'is superseded', (one) =>
      has(one, 'cpufeatures.dev/Schedulable', 'False'),
    )
    assert.equal(conditionOf(pod, 'cpufeatures.dev/Schedulable').reason, 'Superseded')
    // What `virtctl restart` comes to.
    await cluster.kubectl(['delete', 'vmi', 'hard', '--wait=false'])
    const next = await cluster.podBecomes(
      'hard',
      'is a new one with a node',
      ({ metadata, spec }) => metadata.uid !== pod.metadata.uid && spec.nodeName !== undefined,
    )
    assert.notEqual(revisionOf(next), old)
    await vmIs('hard', 'Running')
  })
})
