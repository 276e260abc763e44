import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, afterEach, before, describe, it } from 'node:test'
import { eventually } from '../harness/eventually.ts'
import { LAB_PATHS } from '../harness/lab-paths.ts'
import { notice } from '../harness/progress.ts'
import { POOL_PROFILE, profile } from '../integration/controller/fleet.ts'
import {
  kubevirtCluster,
  revisionOf,
  scheduledReason,
  type KubevirtCluster,
  type LauncherPod,
} from './kubevirt-cluster.ts'

const LABEL = 'cpufeatures.dev/profile'
/** Each host keeps its own MIDR_EL1, so a VM moves to no host of another kind. */
const OWN = { base: { host: {} } }
const STUCK = ['stuck-a', 'stuck-b']
const SHORTER = join(LAB_PATHS.root, 'deploy/examples/kubevirt-migration-timeout.yaml')
/** KubeVirt gives up a target pod that is pending for whatever reason after 15 minutes. */
const ANY_REASON_S = 900

const createdAtMs = ({ metadata }: LauncherPod): number => Date.parse(metadata.creationTimestamp)

describe('a drained node', () => {
  let cluster: KubevirtCluster

  const evict = async (name: string): Promise<string> => {
    const pod = (await cluster.podsOf(name)).find(({ spec }) => spec.nodeName === 'v1') ?? assert.fail()
    const eviction = {
      ...{ apiVersion: 'policy/v1', kind: 'Eviction' },
      metadata: { name: pod.metadata.name, namespace: 'default' },
    }
    const path = `/api/v1/namespaces/default/pods/${pod.metadata.name}/eviction`
    const answer = cluster.kubectl(['create', '--raw', path, '-f', '-'], JSON.stringify(eviction))
    return answer.catch((error: unknown) => String(error))
  }

  /** VMs that run on v1, which then takes no pods any more. */
  const onlyOnV1 = async (vms: Record<string, string>): Promise<void> => {
    await cluster.kubectl(['cordon', 'n2'])
    for (const [name, profileName] of Object.entries(vms))
      await cluster.createVm(name, { [LABEL]: profileName })
    for (const name of Object.keys(vms)) await cluster.runs(name, 'v1')
    await cluster.kubectl(['uncordon', 'n2'])
    await cluster.kubectl(['cordon', 'v1'])
  }

  before(async () => {
    cluster = await kubevirtCluster()
    await cluster.fleet.apply(profile('fleet', POOL_PROFILE), profile('own', OWN))
  })
  afterEach(async () => {
    await cluster.deleteVms()
    await cluster.kubectl(['uncordon', 'v1'])
  })
  after(() => cluster.kubectl(['delete', '--ignore-not-found', '-f', SHORTER]))

  it('is left by its VMs, which keep their revision', async () => {
    await onlyOnV1({ one: 'fleet', two: 'fleet', three: 'fleet' })
    const before = await cluster.podsOf('one')
    await cluster.kubectl([
      ...['drain', 'v1', '--ignore-daemonsets', '--delete-emptydir-data'],
      ...['--pod-selector=kubevirt.io=virt-launcher', '--timeout=300s'],
    ])
    for (const name of ['one', 'two', 'three']) {
      await cluster.runs(name, 'n2')
      const target = (await cluster.podsOf(name)).at(-1) ?? assert.fail()
      assert.equal(revisionOf(target), revisionOf(before[0] ?? assert.fail()))
    }
  })

  /**
   * Drains v1 of two VMs that can go nowhere, and then of a third one that can. Resolves when the third one has left: for how many
   * seconds KubeVirt began no migration of it.
   */
  const heldUpSeconds = async (): Promise<number> => {
    await onlyOnV1({ 'stuck-a': 'own', 'stuck-b': 'own', free: 'fleet' })
    for (const name of STUCK) assert.match(await evict(name), /Eviction triggered evacuation of VMI/)
    const stuck = await Promise.all(
      STUCK.map((name) =>
        cluster.podBecomes(name, 'is unschedulable', (pod) => scheduledReason(pod) === 'Unschedulable'),
      ),
    )
    for (const pod of stuck) assert.equal(pod.spec.schedulingGates, undefined)
    const evictedAtMs = Date.now()
    assert.match(await evict('free'), /Eviction triggered evacuation of VMI/)
    const target = await eventually(
      'the third VM has a target',
      async () =>
        (await cluster.podsOf('free')).find(
          ({ metadata }) => metadata.labels?.['kubevirt.io/migrationJobUID'],
        ),
      { everyMs: 1000 },
    )
    await cluster.runs('free', 'n2')
    for (const name of STUCK) await cluster.runs(name, 'v1')
    const sinceMs = Math.min(...stuck.map(createdAtMs))
    notice(
      `the third VM of the drained node was held up for ${Math.round((createdAtMs(target) - evictedAtMs) / 1000)} s, ` +
        `${(createdAtMs(target) - sinceMs) / 1000} s after the first target without a node was made`,
    )
    return (createdAtMs(target) - sinceMs) / 1000
  }

  /** What KubeVirt says of the migrations that it gave up. */
  const givenUp = async (): Promise<string[]> => {
    const text = await cluster.kubectl(['get', 'events', '-o', 'json'])
    const { items } = JSON.parse(text) as { items: { message: string }[] }
    return items
      .map(({ message }) => message)
      .filter((message) => message.includes('timeout period exceeded'))
  }

  const isHeldUp = async (timeoutSeconds: number): Promise<void> => {
    const seconds = await heldUpSeconds()
    notice(`${seconds} s, and KubeVirt waits ${timeoutSeconds} s for a target pod without a node`)
    // Times of objects have whole seconds.
    assert.ok(seconds >= timeoutSeconds - 1, `nothing held it up: ${seconds} s`)
    assert.ok(seconds < ANY_REASON_S, `${seconds} s`)
    const texts = await givenUp()
    assert.ok(texts.length > 0)
    for (const text of texts) assert.match(text, /^unschedulable pod default\/virt-launcher-stuck-/)
  }

  it('is left by a VM behind two that can go nowhere after a minute, with the policy of deploy/examples', async () => {
    await cluster.kubectl(['apply', '-f', SHORTER])
    await cluster.createVm('probe')
    await cluster.runs('probe')
    const migration = {
      ...{ apiVersion: 'kubevirt.io/v1', kind: 'VirtualMachineInstanceMigration' },
      ...{ metadata: { name: 'probe' }, spec: { vmiName: 'probe' } },
    }
    const dryRun = ['create', '--dry-run=server', '-o', 'json', '-f', '-']
    await eventually('the policy is at work', async () =>
      (await cluster.kubectl(dryRun, JSON.stringify(migration))).includes('PodTimeoutSeconds')
        ? true
        : undefined,
    )
    await cluster.deleteVms()
    await isHeldUp(60)
    await cluster.kubectl(['delete', '-f', SHORTER])
  })

  it('is left by it after five minutes without that policy, as soon as KubeVirt gives up', () =>
    isHeldUp(300))
})
