import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { conditionOf, has, POOL_PROFILE, profile } from '../integration/controller/fleet.ts'
import {
  kubevirtCluster,
  NODES,
  revisionOf,
  scheduledReason,
  type KubevirtCluster,
  type LauncherPod,
} from './kubevirt-cluster.ts'

const EDITED = { ...POOL_PROFILE, features: [{ name: 'FEAT_SHA512', state: 'Disabled' }] }
const LABEL = 'cpufeatures.dev/profile'
const TEAM = 'team-a'

const otherNode = (node: unknown): string => Object.keys(NODES).find((name) => name !== node) ?? assert.fail()

describe('the target pod that virt-controller makes for a live migration', () => {
  let cluster: KubevirtCluster

  /** Migrates a VM to the other node, and resolves with its target pod when the VM is there. */
  const moved = async (name: string, namespace = 'default') => {
    const { status } = await cluster.runs(name, undefined, namespace)
    const migration = await cluster.migrate(name, namespace)
    await cluster.runs(name, otherNode(status?.['nodeName']), namespace)
    const { metadata } = await cluster.fleet.get('vmim', migration, namespace)
    const pods = await cluster.podsOf(name, namespace)
    const target = pods.find(
      ({ metadata: { labels } }) => labels?.['kubevirt.io/migrationJobUID'] === metadata.uid,
    )
    return target ?? assert.fail(`${name} has no target pod of ${migration}`)
  }

  const currentRevision = async (name: string, old?: string): Promise<string> => {
    const { status } = await cluster.fleet.becomes(
      ['cfp', name],
      'has a new revision',
      (one) => has(one, 'Compiled', 'True') && one.status?.currentRevision !== old,
    )
    return status?.currentRevision ?? assert.fail()
  }

  before(async () => {
    cluster = await kubevirtCluster()
    await cluster.fleet.apply(profile('fleet', POOL_PROFILE), profile('other', EDITED))
    await cluster.kubectl(['create', 'namespace', TEAM])
  })
  after(async () => {
    await cluster.deleteVms()
    await cluster.deleteVms(TEAM)
  })

  it('gets the revision of its source after an edit of the profile, and so does the next one', async () => {
    const old = await currentRevision('fleet')
    await cluster.createVm('edited', { [LABEL]: 'fleet' })
    await cluster.runs('edited')
    await cluster.fleet.apply(profile('fleet', EDITED))
    const current = await currentRevision('fleet', old)
    const target = await moved('edited')
    assert.equal(revisionOf(target), old)
    assert.equal(revisionOf(await moved('edited')), old)
    await cluster.createVm('later', { [LABEL]: 'fleet' })
    assert.equal(
      revisionOf(await cluster.podBecomes('later', 'is pinned', (pod) => revisionOf(pod) !== undefined)),
      current,
    )
    const { containers } = target.spec
    const compute = containers.find(({ name }) => name === 'compute')
    assert.equal(compute?.securityContext?.seccompProfile?.localhostProfile, 'cpufeatures/kubevirt.json')
  })

  it('gets none where its VM was labelled while it ran', async () => {
    await cluster.createVm('plain')
    await cluster.runs('plain')
    await cluster.kubectl(['label', 'vmi', 'plain', `${LABEL}=fleet`])
    const target = await moved('plain')
    assert.equal(target.metadata.labels?.[LABEL], 'fleet')
    assert.equal(revisionOf(target), 'none')
    assert.match(conditionOf(target, 'cpufeatures.dev/Schedulable').message ?? '', /pinned to no revision/)
  })

  it('has no profile where the template of its VM got the label, until the VM is restarted', async () => {
    await cluster.createVm('template')
    const { metadata } = await cluster.runs('template')
    const labels = { [LABEL]: 'fleet' }
    const patch = JSON.stringify({ spec: { template: { metadata: { labels } } } })
    await cluster.kubectl(['patch', 'vm', 'template', '--type=merge', '-p', patch])
    const target = await moved('template')
    assert.equal(target.metadata.labels?.[LABEL], undefined)
    assert.equal(revisionOf(target), undefined)
    await cluster.kubectl(['delete', 'vmi', 'template', '--wait=false'])
    const isNew = (pod: LauncherPod): boolean =>
      pod.metadata.labels?.['kubevirt.io/created-by'] !== metadata.uid && revisionOf(pod) !== undefined
    assert.notEqual(revisionOf(await cluster.podBecomes('template', 'is pinned', isNew)), 'none')
  })

  it('gets none where the namespace got a default profile while its VM ran', async () => {
    await cluster.createVm('tenant', {}, TEAM)
    await cluster.runs('tenant', undefined, TEAM)
    await cluster.kubectl(['label', 'namespace', TEAM, 'cpufeatures.dev/default-profile=fleet'])
    const target = await moved('tenant', TEAM)
    assert.equal(target.metadata.labels?.[LABEL], 'fleet')
    assert.equal(revisionOf(target), 'none')
    // It stays so: the next target comes from one without a revision.
    assert.equal(revisionOf(await moved('tenant', TEAM)), 'none')
  })

  it('waits where the instance names another profile than the one of its VM, and the VM says why', async () => {
    await cluster.createVm('switched', { [LABEL]: 'fleet' })
    await cluster.runs('switched')
    await cluster.kubectl(['label', 'vmi', 'switched', `${LABEL}=other`, '--overwrite'])
    const migration = await cluster.migrate('switched')
    await cluster.podBecomes('switched', 'is gated', (pod) => scheduledReason(pod) === 'SchedulingGated')
    await cluster.usersRead('switched', /^MigrationSourceUnknown: .*A running VM keeps its profile/)
    await cluster.kubectl(['label', 'vmi', 'switched', `${LABEL}=fleet`, '--overwrite'])
    // That pod keeps what it was created with.
    const waiting = (await cluster.podsOf('switched')).at(-1)
    assert.equal(waiting?.metadata.labels?.[LABEL], 'other')
    assert.equal(scheduledReason(waiting), 'SchedulingGated')
    await cluster.kubectl(['delete', 'vmim', migration])
    assert.notEqual(revisionOf(await moved('switched')), 'none')
  })
})
