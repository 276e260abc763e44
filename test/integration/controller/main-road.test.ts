import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { ChangeReport } from '../../../src/cli/change/change-report.ts'
import type { VmRow } from '../../../src/cli/vms/vm-report.ts'
import { eventually } from '../../harness/eventually.ts'
import { runVerb } from '../cli/run-verb.ts'
import {
  conditionOf,
  Fleet,
  has,
  POOL,
  POOL_PROFILE,
  profile,
  vmPod,
  type KubernetesObject,
  type RunningController,
} from './fleet.ts'

const CLASS = 'cpufeatures.dev/class'

describe('the controller on the main road', () => {
  let fleet: Fleet
  let controller: RunningController

  const startController = async (): Promise<void> => {
    controller = await fleet.startController('controller-a', { args: ['--leader-elect=false'] })
  }

  before(async () => {
    fleet = await Fleet.start()
    await startController()
  })

  after(() => fleet.stop())

  it('waits for the nodes that a baseline is taken from', async () => {
    await fleet.apply(profile('fleet', POOL_PROFILE))
    const waiting = await fleet.becomes(['cfp', 'fleet'], 'waits', (one) => has(one, 'Compiled', 'False'))
    assert.equal(conditionOf(waiting, 'Accepted').status, 'True')
    assert.equal(conditionOf(waiting, 'Schedulable').reason, 'WaitingForNodes')
    assert.equal(conditionOf(waiting, 'Reconciling').status, 'True')
  })

  it('makes a profile schedulable on both nodes, and labels them', async () => {
    await fleet.addNode('n1', 'neoverse-v1-6.18', POOL)
    await fleet.addNode('n2', 'neoverse-n2-6.18', POOL)
    const ready = await fleet.becomes(['cfp', 'fleet'], 'is schedulable', (one) =>
      has(one, 'Schedulable', 'True'),
    )
    assert.equal(ready.status?.nodes?.summary, '2/2')
    assert.equal(conditionOf(ready, 'Ready').status, 'True')
    const revision = ready.status.currentRevision ?? ''
    assert.match(revision, /^fleet-[0-9a-f]{10}$/)
    for (const name of ['n1', 'n2']) {
      const node = await fleet.becomes(
        ['node', name],
        'is labelled',
        ({ metadata }) => metadata.labels?.[`rev.cpufeatures.dev/${revision}`] === '',
      )
      assert.match(node.metadata.labels?.[CLASS] ?? '', /^[0-9a-f]+$/)
    }
    const object = await fleet.get('cfpr', revision)
    assert.equal(object.metadata.labels?.['cpufeatures.dev/profile'], 'fleet')
  })

  it('compiles an architecture version for the nodes that have it, and says what stays', async () => {
    const base = { architecture: { version: 'v8.2-A' } }
    await fleet.apply(profile('version', { base, implementation: { midr: 'FromBaseline' } }))
    const ready = await fleet.becomes(['cfp', 'version'], 'is schedulable', (one) =>
      has(one, 'Schedulable', 'True'),
    )
    assert.equal(ready.status?.nodes?.summary, '2/2')
    assert.partialDeepStrictEqual(ready.status.baseline, { architecture: 'v8.2-A' })
    assert.match(ready.status.notes?.join('\n') ?? '', /guests see more than v8\.2-A, .*FEAT_FP16/)
  })

  it('does not accept an unknown feature, and names the place and the nearest name', async () => {
    await fleet.apply(
      profile('typo', { base: { host: {} }, features: [{ name: 'FEAT_RNDR', state: 'Disabled' }] }),
    )
    const refused = await fleet.becomes(['cfp', 'typo'], 'is not accepted', (one) =>
      has(one, 'Accepted', 'False'),
    )
    const { reason, message } = conditionOf(refused, 'Accepted')
    assert.equal(reason, 'UnknownFeature')
    assert.equal(conditionOf(refused, 'Stalled').reason, 'UnknownFeature')
    assert.match(message ?? '', /spec\.features\[0\]\.name.*FEAT_RNG/)
    assert.equal(conditionOf(refused, 'Schedulable').reason, 'UnknownFeature')
  })

  it('pins a gated pod, and the scheduler binds it to a node that fits', async () => {
    await fleet.apply(vmPod('vm', 'fleet'))
    const revision = (await fleet.get('cfp', 'fleet')).status?.currentRevision
    const bound = await fleet.becomes(['pod', 'vm'], 'is bound', ({ spec }) => spec.nodeName !== undefined)
    assert.match(bound.spec.nodeName ?? '', /^n[12]$/)
    assert.equal(bound.metadata.annotations?.['cpufeatures.dev/revision'], revision)
    await fleet.becomes(['pod', 'vm'], 'says so', (one) => has(one, 'cpufeatures.dev/Schedulable', 'True'))
    const held = await fleet.get('cfpr', revision ?? '')
    assert.deepEqual(held.metadata.finalizers, ['cpufeatures.dev/revision-in-use'])
  })

  it("ands its requirement with each of the pod's own terms", async () => {
    const nodeSelectorTerms = ['n2', 'nowhere'].map((name) => ({
      matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [name] }],
    }))
    const required = { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } }
    await fleet.apply(vmPod('vm-own', 'fleet', { affinity: { nodeAffinity: required } }))
    const bound = await fleet.becomes(
      ['pod', 'vm-own'],
      'is bound',
      ({ spec }) => spec.nodeName !== undefined,
    )
    assert.equal(bound.spec.nodeName, 'n2')
    assert.equal(JSON.stringify(bound.spec.affinity).match(/rev\.cpufeatures\.dev/g)?.length, 2)
  })

  it('pins a pod that no node fits, for the scheduler to say so, and says why', async () => {
    await fleet.apply(
      profile('impossible', { base: { host: {} }, features: [{ name: 'FEAT_SME', state: 'Required' }] }),
      vmPod('vm-impossible', 'impossible'),
    )
    const told = await fleet.becomes(
      ['pod', 'vm-impossible'],
      'is told why',
      (one) => has(one, 'cpufeatures.dev/Schedulable', 'False') && has(one, 'PodScheduled', 'False'),
    )
    const { reason, message = '' } = conditionOf(told, 'cpufeatures.dev/Schedulable')
    assert.equal(reason, 'NoCompatibleNode')
    assert.match(message, /FEAT_SME/)
    assert.equal(conditionOf(told, 'PodScheduled').reason, 'Unschedulable')
    assert.deepEqual(told.spec.schedulingGates ?? [], [])
    await eventually('an event says so too', async () => {
      const events = await fleet.eventsOf('vm-impossible')
      if (events.includes(`NoCompatibleNode: ${message}`)) return true
      throw new Error(events.join('\n'))
    })
  })

  it('keeps its gate while another party has one, and writes nothing of the pod', async () => {
    const other = { name: 'other.example/quota' }
    await fleet.apply(vmPod('vm-queued', 'fleet', { schedulingGates: [other] }))
    await fleet.settled()
    const { metadata, spec, status } = await fleet.get('pod', 'vm-queued')
    assert.deepEqual(spec.schedulingGates, [other, { name: 'cpufeatures.dev/profile' }])
    assert.equal(metadata.annotations?.['cpufeatures.dev/revision'], undefined)
    assert.ok(!has({ metadata, spec, status } as KubernetesObject, 'cpufeatures.dev/Schedulable', 'False'))
    await fleet.controlPlane.kubectl([
      ...['patch', 'pod', 'vm-queued', '--type=json', '-p'],
      '[{"op":"remove","path":"/spec/schedulingGates/0"}]',
    ])
    await fleet.becomes(['pod', 'vm-queued'], 'is bound', (one) => one.spec.nodeName !== undefined)
  })

  it('keeps a pod gated that names no profile there is', async () => {
    await fleet.apply(vmPod('vm-lost', 'nobody'))
    const held = await fleet.becomes(['pod', 'vm-lost'], 'is told why', (one) =>
      has(one, 'cpufeatures.dev/Schedulable', 'False'),
    )
    assert.equal(conditionOf(held, 'cpufeatures.dev/Schedulable').reason, 'ProfileNotFound')
    await fleet.apply(profile('nobody', { base: { host: {} } }))
    await fleet.becomes(['pod', 'vm-lost'], 'is let go', (one) =>
      has(one, 'cpufeatures.dev/Schedulable', 'True'),
    )
  })

  it('places no pod by a revision that is not what its name says, until somebody deletes it', async () => {
    await fleet.apply(profile('altered', { base: { host: {} } }))
    const compiled = await fleet.becomes(['cfp', 'altered'], 'is schedulable', (one) =>
      has(one, 'Schedulable', 'True'),
    )
    const name = compiled.status?.currentRevision ?? ''
    const { apiVersion, kind, metadata, spec } = await fleet.get('cfpr', name)
    process.kill(controller.pid, 'SIGKILL')
    await controller.exited.catch(() => undefined)
    await fleet.controlPlane.kubectl(['delete', 'cfpr', name])
    await fleet.apply({
      apiVersion,
      kind,
      metadata: { name, labels: metadata.labels },
      spec: { ...spec, untrapped: { counterFrequency: 1 } },
    })
    await startController()
    const refused = await fleet.becomes(['cfp', 'altered'], 'says so', (one) =>
      has(one, 'Schedulable', 'False'),
    )
    assert.match(
      conditionOf(refused, 'Schedulable').message ?? '',
      /not the hash in the name.*delete the revision/,
    )
    await fleet.controlPlane.kubectl(['delete', 'cfpr', name])
    await fleet.becomes(['cfp', 'altered'], 'is schedulable', (one) => has(one, 'Schedulable', 'True'))
    await fleet.controlPlane.kubectl(['delete', 'cfp', 'altered'])
  })

  it('calls a host of another counter frequency another class that is never reached', async () => {
    await fleet.addNode('n3', 'neoverse-n2-1ghz-6.18', POOL)
    const seen = await fleet.becomes(
      ['cfp', 'fleet'],
      'knows it',
      (one) =>
        one.status?.nodes?.summary === '2/3' &&
        (one.status.classes ?? []).some(({ sample }) => sample.includes('n3')),
    )
    const other = seen.status?.classes?.find((one) => one.sample.includes('n3'))
    assert.equal(other?.compatible, false)
    assert.ok(other.findings.some(({ reason }) => reason === 'CounterFrequencyDiffers'))
    const pairs = (seen.status?.reach ?? []).filter(({ to }) => to === other.class)
    assert.equal(pairs.length, 2)
    for (const pair of pairs) {
      assert.equal(pair.reach, 'Never')
      assert.ok(pair.findings.some(({ reason }) => reason === 'CounterFrequencyDiffers'))
    }
    const node = await fleet.becomes(
      ['node', 'n3'],
      'has a class',
      ({ metadata }) => CLASS in (metadata.labels ?? {}),
    )
    assert.ok(
      !Object.keys(node.metadata.labels ?? {}).some((key) => key.startsWith('rev.cpufeatures.dev/fleet-')),
    )
  })

  it('lets the CLI say where each VM could go', async () => {
    await fleet.settled()
    const cluster = ['--kubeconfig', fleet.controlPlane.adminKubeconfig, '-o', 'json']
    const { stdout, stderr } = runVerb(['vms', '--node', 'n2', ...cluster])
    const vm = (JSON.parse(stdout) as VmRow[]).find(({ name }) => name === 'vm-own')
    assert.deepEqual([vm?.node, vm?.profile, vm?.otherNodes], ['n2', 'fleet', 1], stderr)
  })

  it('lets the CLI say what an edit and a drain would do, with the baseline that is kept', async () => {
    const cluster = ['--kubeconfig', fleet.controlPlane.adminKubeconfig, '-o', 'json']
    const current = (await fleet.get('cfp', 'fleet')).status?.currentRevision
    const same = JSON.parse(runVerb(['plan', 'fleet', ...cluster]).stdout) as ChangeReport
    assert.deepEqual([same.before?.revision, same.after?.revision, same.after?.nodes], [current, current, 2])
    const edited = profile('fleet', { ...POOL_PROFILE, features: [{ name: 'FEAT_RNG', state: 'Disabled' }] })
    const plan = runVerb(['plan', '-f', '-', ...cluster, '--drain', 'n1'], edited)
    const report = JSON.parse(plan.stdout) as ChangeReport
    assert.notEqual(report.after?.revision, current)
    assert.deepEqual([report.after?.nodes, report.writes], [1, { revisions: 1, nodes: 1 }])
    assert.ok(report.vms.stranded.some(({ name }) => name === 'vm-own'))
    assert.equal(plan.status, 1)
    assert.equal((await fleet.get('cfp', 'fleet')).status?.currentRevision, current)
  })

  it('says of base host, too, which classes VMs cannot move between', async () => {
    const seen = await fleet.becomes(
      ['cfp', 'nobody'],
      'fits all',
      (one) => one.status?.nodes?.summary === '3/3',
    )
    const never = (seen.status?.reach ?? []).filter(({ reach }) => reach === 'Never')
    assert.ok(
      never.some(({ findings }) => findings.some(({ reason }) => reason === 'CounterFrequencyDiffers')),
    )
  })
})

describe('the controller over time', () => {
  let fleet: Fleet

  before(async () => {
    fleet = await Fleet.start()
    await fleet.startController('controller-a', { args: ['--leader-elect=false'] })
    await fleet.addNode('n1', 'neoverse-v1-6.18')
  })

  after(() => fleet.stop())

  it('keeps a baseline or lowers it when a lesser node comes, as the profile says', async () => {
    const of = (onNewNode: string) =>
      profile(onNewNode.toLowerCase(), {
        base: { nodes: { onNewNode } },
        implementation: { midr: 'FromBaseline' },
      })
    await fleet.apply(of('Exclude'), of('Lower'))
    const current = async (name: string, summary: string) => {
      const one = await fleet.becomes(
        ['cfp', name],
        `is ${summary}`,
        ({ status }) => status?.nodes?.summary === summary,
      )
      return one.status?.currentRevision
    }
    const excluded = await current('exclude', '1/1')
    const lowered = await current('lower', '1/1')
    await fleet.addNode('n2', 'neoverse-n2-6.18')
    assert.equal(await current('exclude', '1/2'), excluded)
    // One report alone lowers nothing: it may be wrong.
    assert.equal(await current('lower', '1/2'), lowered)
    await fleet.addNode('n3', 'neoverse-n2-6.18')
    assert.equal(await current('exclude', '1/3'), excluded)
    assert.notEqual(await current('lower', '3/3'), lowered)
  })

  it('keeps serving the last good revision of a profile with a mistake, until another compiles', async () => {
    const base = { nodes: { onNewNode: 'Exclude' } }
    const spec = { base, implementation: { midr: 'FromBaseline' } }
    const before = await fleet.get('cfp', 'exclude')
    const revision = before.status?.currentRevision ?? ''
    await fleet.apply(
      profile('exclude', { ...spec, features: [{ name: 'FEAT_RNDR', state: 'Disabled' }] }),
      vmPod('vm-typo', 'exclude'),
    )
    const mistaken = await fleet.becomes(['cfp', 'exclude'], 'is not accepted', (one) =>
      has(one, 'Accepted', 'False'),
    )
    assert.match(conditionOf(mistaken, 'Accepted').message ?? '', new RegExp(revision))
    assert.equal(conditionOf(mistaken, 'Schedulable').status, 'True')
    assert.equal(mistaken.status?.currentRevision, revision)
    assert.deepEqual(mistaken.status.classes, before.status?.classes)
    const bound = await fleet.becomes(
      ['pod', 'vm-typo'],
      'is bound',
      ({ spec: { nodeName } }) => nodeName !== undefined,
    )
    assert.equal(bound.metadata.annotations?.['cpufeatures.dev/revision'], revision)
    await fleet.settled()
    assert.ok((await fleet.revisions()).includes(revision))
    const { labels = {} } = (await fleet.get('node', bound.spec.nodeName ?? '')).metadata
    assert.equal(labels[`rev.cpufeatures.dev/${revision}`], '')
    await fleet.controlPlane.kubectl(['delete', 'pod', 'vm-typo', '--grace-period=0', '--force'])
    await fleet.apply(profile('exclude', spec))
    await fleet.becomes(['cfp', 'exclude'], 'is accepted', (one) => has(one, 'Accepted', 'True'))
  })

  it('tells a pinned pod to restart where only the current revision fits', async () => {
    const asks = (state: string) => ({ base: { host: {} }, features: [{ name: 'FEAT_SME', state }] })
    await fleet.apply(profile('edited', asks('Required')), vmPod('vm-edited', 'edited'))
    await fleet.becomes(['pod', 'vm-edited'], 'is told why', (one) =>
      has(one, 'cpufeatures.dev/Schedulable', 'False'),
    )
    await fleet.apply(profile('edited', asks('Disabled')))
    const told = await fleet.becomes(
      ['pod', 'vm-edited'],
      'is superseded',
      (one) => conditionOf(one, 'cpufeatures.dev/Schedulable').reason === 'Superseded',
    )
    assert.match(conditionOf(told, 'cpufeatures.dev/Schedulable').message ?? '', /restart the VM/)
    await fleet.controlPlane.kubectl(['delete', 'pod', 'vm-edited', '--grace-period=0', '--force'])
    await fleet.controlPlane.kubectl(['delete', 'cfp', 'edited'])
  })

  it('deletes the revision that nobody needs any more', async () => {
    await eventually('two revisions are left', async () =>
      (await fleet.revisions()).length === 2 ? true : undefined,
    )
  })

  it('keeps a revision and its labels while a pod is pinned, though the profile is gone', async () => {
    await fleet.apply(
      profile('short', { base: { host: {} }, vcpuFeatures: { sve: 'Disabled' } }),
      vmPod('vm', 'short'),
    )
    const bound = await fleet.becomes(['pod', 'vm'], 'is bound', ({ spec }) => spec.nodeName !== undefined)
    const revision = bound.metadata.annotations?.['cpufeatures.dev/revision'] ?? ''
    const { kubectl } = fleet.controlPlane
    await kubectl(['delete', 'cfp', 'short'])
    await fleet.settled()
    assert.ok((await fleet.revisions()).includes(revision))
    const label = `rev.cpufeatures.dev/${revision}`
    assert.equal((await fleet.get('node', bound.spec.nodeName ?? '')).metadata.labels?.[label], '')

    await kubectl(['delete', 'pod', 'vm', '--grace-period=0', '--force'])
    await fleet.becomes(
      ['node', bound.spec.nodeName ?? ''],
      'is not labelled any more',
      ({ metadata }) => !(label in (metadata.labels ?? {})),
    )
    await eventually('the revision is gone', async () =>
      (await fleet.revisions()).includes(revision) ? undefined : true,
    )
  })

  it('never takes a label from a node while a bound pod requires it, even if its report is gone', async () => {
    const own = { kubernetesHost: 'n2' }
    await fleet.apply(
      profile('kept', { base: { host: {} } }),
      vmPod('vm-kept', 'kept', { nodeSelector: { 'kubernetes.io/hostname': own.kubernetesHost } }),
    )
    const bound = await fleet.becomes(['pod', 'vm-kept'], 'is bound', ({ spec }) => spec.nodeName === 'n2')
    const label = `rev.cpufeatures.dev/${bound.metadata.annotations?.['cpufeatures.dev/revision'] ?? ''}`
    await fleet.controlPlane.kubectl(['delete', 'ncf', 'n2'])
    await fleet.becomes(['node', 'n2'], 'has no class', ({ metadata }) => !(CLASS in (metadata.labels ?? {})))
    await fleet.settled()
    const { labels = {} } = (await fleet.get('node', 'n2')).metadata
    assert.deepEqual(
      Object.keys(labels).filter((key) => key.startsWith('rev.')),
      [label],
    )
  })

  it('makes a current revision anew that someone has deleted', async () => {
    const revision = (await fleet.get('cfp', 'exclude')).status?.currentRevision ?? ''
    const { uid } = (await fleet.get('cfpr', revision)).metadata
    await fleet.controlPlane.kubectl(['delete', 'cfpr', revision])
    await fleet.becomes(['cfpr', revision], 'is there again', ({ metadata }) => metadata.uid !== uid)
  })
})
