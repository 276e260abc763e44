import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { crdsServed } from '../../harness/install-crds.ts'
import { LAB_PATHS } from '../../harness/lab-paths.ts'
import { failureOf } from '../api/installed-api.ts'
import {
  conditionOf,
  Fleet,
  has,
  POOL,
  POOL_PROFILE,
  profile,
  vmPod,
  type KubernetesObject,
} from './fleet.ts'
import { KubeVirt, KUBEVIRT_CRDS, launcherPod, PLATFORM, PLATFORM_RIGHTS, type Vm } from './kubevirt-api.ts'

const EDITED = { ...POOL_PROFILE, features: [{ name: 'FEAT_SHA512', state: 'Disabled' }] }
const REVISION = 'cpufeatures.dev/revision'
const ROLE = join(LAB_PATHS.root, 'deploy/overlays/kubevirt/machine-reader.yaml')

const revisionOf = ({ metadata }: KubernetesObject): string | undefined => metadata.annotations?.[REVISION]

describe('the target of a live migration', () => {
  let fleet: Fleet
  let kubeVirt: KubeVirt

  /** The current revision of a profile, once it is another one than `old`. */
  const currentRevision = async (name: string, old?: string): Promise<string> => {
    const { status } = await fleet.becomes(
      ['cfp', name],
      'has a new revision',
      (one) => has(one, 'Compiled', 'True') && one.status?.currentRevision !== old,
    )
    return status?.currentRevision ?? assert.fail()
  }

  const pinned = (pod: string): Promise<KubernetesObject> =>
    fleet.becomes(['pod', pod], 'is pinned', (one) => revisionOf(one) !== undefined)

  /** A VM that runs in the pod NAME-source. */
  const runningVm = async (name: string, profileName?: string): Promise<Vm> => {
    const vm = await kubeVirt.create('VirtualMachineInstance', name)
    await kubeVirt.createPod(launcherPod(vm, { name: `${name}-source`, profile: profileName }))
    await kubeVirt.runs(vm, `${name}-source`)
    return vm
  }

  const migrate = async (vm: Vm, profileName: string): Promise<void> => {
    const migration = await kubeVirt.create('VirtualMachineInstanceMigration', `move-${vm.name}`, {
      vmiName: vm.name,
    })
    await kubeVirt.createPod(launcherPod(vm, { name: `${vm.name}-target`, profile: profileName, migration }))
  }

  before(async () => {
    fleet = await Fleet.start()
    kubeVirt = new KubeVirt(fleet)
    await fleet.apply(...PLATFORM_RIGHTS)
    await fleet.controlPlane.kubectl([
      ...['patch', 'configmap', 'cpufeatures-settings', '-n', 'cpufeatures-system', '--type=merge', '-p'],
      JSON.stringify({ data: { platformServiceAccounts: `${PLATFORM}\n` } }),
    ])
    await fleet.startController('controller-a', { args: ['--leader-elect=false'] })
    await fleet.addNode('n1', 'neoverse-v1-6.18', POOL)
    await fleet.addNode('n2', 'neoverse-n2-6.18', POOL)
    await fleet.apply(profile('fleet', POOL_PROFILE))
  })

  after(() => fleet.stop())

  it('gets the revision of its source where nobody serves the API of KubeVirt, and where nobody may read it', async () => {
    const revision = await currentRevision('fleet')
    const vm = { name: 'early', uid: '00000000-0000-4000-8000-000000000001' }
    await kubeVirt.createPod(launcherPod(vm, { name: 'early-source', profile: 'fleet' }))
    await fleet.becomes(['pod', 'early-source'], 'is bound', ({ spec }) => spec.nodeName !== undefined)
    const running = JSON.stringify({ status: { phase: 'Running' } })
    const { kubectl } = fleet.controlPlane
    await kubectl(['patch', 'pod', 'early-source', '--subresource=status', '--type=merge', '-p', running])
    const migration = { name: 'move', uid: '00000000-0000-4000-8000-000000000002' }
    await kubeVirt.createPod(launcherPod(vm, { name: 'early-target', profile: 'fleet', migration }))
    assert.equal(revisionOf(await pinned('early-target')), revision)
    await kubectl(['apply', '-f', KUBEVIRT_CRDS])
    await crdsServed({ kubectl })
    await kubeVirt.createPod(launcherPod(vm, { name: 'early-again', profile: 'fleet', migration }))
    assert.equal(revisionOf(await pinned('early-again')), revision)
    // Of a VM without a revision nobody says where it runs.
    const bare = { ...vm, uid: vm.uid.replace(/1$/, '3') }
    await kubeVirt.createPod(launcherPod(bare, { name: 'bare-source' }))
    await fleet.becomes(['pod', 'bare-source'], 'is bound', ({ spec }) => spec.nodeName !== undefined)
    await kubectl(['patch', 'pod', 'bare-source', '--subresource=status', '--type=merge', '-p', running])
    await kubeVirt.createPod(launcherPod(bare, { name: 'bare-target', profile: 'fleet', migration }))
    const held = await fleet.becomes(['pod', 'bare-target'], 'is held', (one) =>
      has(one, 'cpufeatures.dev/Schedulable', 'False'),
    )
    assert.match(
      conditionOf(held, 'cpufeatures.dev/Schedulable').message ?? '',
      /role cpufeatures-machine-reader/,
    )
    await kubectl(['apply', '-f', ROLE])
  })

  it('gets the revision of its source though the profile was edited meanwhile', async () => {
    const vm = await runningVm('web', 'fleet')
    const old = revisionOf(await pinned('web-source')) ?? assert.fail()
    await fleet.apply(profile('fleet', EDITED))
    const edited = await currentRevision('fleet', old)
    await migrate(vm, 'fleet')
    assert.equal(revisionOf(await pinned('web-target')), old)
    await fleet.becomes(['pod', 'web-target'], 'is bound', ({ spec }) => spec.nodeName !== undefined)
    // The next VM gets what the profile says now.
    await fleet.apply(vmPod('later', 'fleet'))
    assert.equal(revisionOf(await pinned('later')), edited)
  })

  it('gets none where its VM has none: a fleet that is labelled while it runs can still migrate', async () => {
    const vm = await runningVm('plain')
    await migrate(vm, 'fleet')
    const target = await pinned('plain-target')
    assert.equal(revisionOf(target), 'none')
    assert.equal(target.spec.affinity, undefined)
    const said = await fleet.becomes(['pod', 'plain-target'], 'says so', (one) =>
      has(one, 'cpufeatures.dev/Schedulable', 'True'),
    )
    assert.match(conditionOf(said, 'cpufeatures.dev/Schedulable').message ?? '', /pinned to no revision/)
  })

  it('is held while there is no such migration, and goes on when there is', async () => {
    const vm = await runningVm('db', 'fleet')
    const migration = { name: 'move-db', uid: '00000000-0000-4000-8000-000000000009' }
    await kubeVirt.createPod(launcherPod(vm, { name: 'db-forged', profile: 'fleet', migration }))
    const held = await fleet.becomes(['pod', 'db-forged'], 'is held', (one) =>
      has(one, 'cpufeatures.dev/Schedulable', 'False'),
    )
    assert.match(
      conditionOf(held, 'cpufeatures.dev/Schedulable').message ?? '',
      /db has no migration with uid/,
    )
    await migrate(vm, 'fleet')
    assert.ok(revisionOf(await pinned('db-target')))
  })

  it('goes nowhere that its VM cannot reach', async () => {
    // Each host keeps its own MIDR_EL1, so a VM moves to none of the other kind.
    await fleet.apply(profile('own', { base: { host: {} } }))
    const vm = await runningVm('far', 'own')
    const { spec } = await fleet.get('pod', 'far-source')
    const other = await fleet.get('node', spec.nodeName === 'n1' ? 'n2' : 'n1')
    await migrate(vm, 'own')
    const target = await pinned('far-target')
    assert.deepEqual(target.spec.affinity, {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [
            {
              matchExpressions: [
                {
                  key: `rev.${REVISION.replace('/revision', '')}/${revisionOf(target) ?? ''}`,
                  operator: 'Exists',
                },
                {
                  ...{ key: 'cpufeatures.dev/class', operator: 'NotIn' },
                  values: [other.metadata.labels?.['cpufeatures.dev/class']],
                },
              ],
            },
          ],
        },
      },
    })
    const bound = await fleet.becomes(
      ['pod', 'far-target'],
      'is bound',
      (one) => one.spec.nodeName !== undefined,
    )
    assert.equal(bound.spec.nodeName, spec.nodeName)
  })

  it('is created by the platform alone, and what it says of its VM cannot change', async () => {
    const vm = { name: 'web', uid: '00000000-0000-4000-8000-000000000007' }
    const migration = { name: 'move', uid: '00000000-0000-4000-8000-000000000008' }
    const { kubectl } = fleet.controlPlane
    const pod = launcherPod(vm, { name: 'claimed', profile: 'fleet', migration })
    const refused = await failureOf(kubectl(['create', '-f', '-'], JSON.stringify(pod)))
    assert.match(refused, /only system:serviceaccount:kubevirt:kubevirt-controller may create the target/)
    await fleet.apply(vmPod('waiting', 'nowhere'))
    const label = ['label', 'pod', 'waiting', `kubevirt.io/migrationJobUID=${migration.uid}`]
    assert.match(await failureOf(kubectl(label)), /cannot change while the pod waits for its revision/)
  })
})
