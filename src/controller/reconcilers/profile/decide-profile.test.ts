import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { NO_REFUSALS } from '../../../../test/doubles/no-refusals.ts'
import { fixtureHost, fixtureHosts } from '../../../../test/fixtures/host-documents.ts'
import type { CpuFeatureProfileBaseline } from '../../../api/cpu-feature-profile-baseline.ts'
import {
  cpuFeatureProfileStatus,
  type CpuFeatureProfile,
  type CpuFeatureProfileSpecInput,
  type CpuFeatureProfileStatus,
} from '../../../api/cpu-feature-profile.ts'
import type { HostDocument } from '../../../api/host-document.ts'
import { hostClass } from '../../../compatibility/host-class.ts'
import { revisionName } from '../../../plan/revision-name.ts'
import type { HostClassEntry } from '../../host-class-index.ts'
import { Judgements } from '../../judgements.ts'
import { BASELINES } from '../../../api/resources.ts'
import type { PlacedVm } from '../../stranded-vms.ts'
import { compileStored } from './compile-stored.ts'
import { decideProfile, type ProfileDecision } from './decide-profile.ts'
import { keptBaseline } from './keep-baseline.ts'
import { judgeRevision } from './judge-revision.ts'
import { profileEvent, strandedEvent } from './profile-event.ts'

const entry = (host: HostDocument, ...nodes: string[]): HostClassEntry => ({
  class: hostClass(host),
  host,
  nodes,
  kernel: host.kernel.release,
})

const v1 = entry(fixtureHost('neoverse-v1-6.18'), 'n1', 'n2')
const n2 = entry(fixtureHost('neoverse-n2-6.18'), 'n3')
const ghz = entry(fixtureHost('neoverse-n2-1ghz-6.18'), 'n4')

const decide = (
  spec: CpuFeatureProfileSpecInput,
  classes: readonly HostClassEntry[],
  given: {
    status?: CpuFeatureProfileStatus
    /** What the object of the baseline keeps. */
    stored?: CpuFeatureProfileBaseline
    unreported?: readonly string[]
    waitingSince?: string
    stranded?: readonly PlacedVm[]
    withoutKvm?: number
    lastGood?: ProfileDecision['revision']
  } = {},
): ProfileDecision => {
  const withoutKvm = given.withoutKvm ?? 0
  const nodes = classes.reduce((sum, one) => sum + one.nodes.length, 0)
  const profile: CpuFeatureProfile = {
    apiVersion: 'cpufeatures.dev/v1alpha1',
    kind: 'CpuFeatureProfile',
    metadata: { name: 'fleet', generation: 1 },
    spec: spec as CpuFeatureProfile['spec'],
    ...(given.status === undefined ? {} : { status: given.status }),
  }
  const selection = { perClass: new Map(classes.map((one) => [one.class, one.nodes.length])) }
  const unreported = { waitedFor: given.unreported ?? [], silent: [] }
  const kept = keptBaseline(given.stored, profile)
  const result = compileStored({ profile, classes, selection, unreported, kept })
  const revision =
    result.kind === 'compiled'
      ? { name: revisionName('fleet', result.plan), plan: result.plan }
      : given.lastGood
  return decideProfile({
    kept,
    result,
    waitingSince: given.waitingSince,
    stranded: given.stranded ?? [],
    serving:
      revision === undefined ? undefined : judgeRevision(revision, classes, new Judgements(NO_REFUSALS)),
    reports: { total: nodes + withoutKvm, withoutKvm },
  })
}

const states = ({ conditions }: ProfileDecision) =>
  conditions.map(({ type, status, reason }) => [type, status, reason])

const FLEET: CpuFeatureProfileSpecInput = { base: { nodes: {} }, implementation: { midr: 'FromBaseline' } }

describe('a profile', () => {
  it('of nodes that have a view in common is schedulable on all of them', () => {
    const decision = decide(FLEET, [v1, n2])
    assert.deepEqual(states(decision), [
      ['Accepted', 'True', 'Accepted'],
      ['Compiled', 'True', 'Compiled'],
      ['Schedulable', 'True', 'NodesFit'],
    ])
    assert.deepEqual(decision.status.nodes, { total: 3, compatible: 3, summary: '3/3' })
    assert.equal(decision.status.currentRevision, decision.revision?.name)
    assert.deepEqual(decision.status.reach, [])
    assert.deepEqual(decision.status.baseline?.classes.toSorted(), [n2.class, v1.class].sort())
  })

  it('is decided the same the second time, with its own status given', () => {
    const first = decide(FLEET, [v1, n2])
    const second = decide(FLEET, [v1, n2], { status: first.status })
    assert.deepEqual(second, first)
  })

  it('gets the stored baseline back if its status is lost, also one that has another in its status', () => {
    const first = decide(FLEET, [v1])
    const spec = first.status.baseline
    assert.ok(spec)
    const { apiVersion, kind } = BASELINES
    const stored = { apiVersion, kind, metadata: { name: 'fleet' }, spec } as CpuFeatureProfileBaseline
    assert.deepEqual(decide(FLEET, [v1, n2], { stored }).status.baseline, spec)
    const other = decide(FLEET, [n2]).status
    assert.deepEqual(decide(FLEET, [v1, n2], { stored, status: other }).status.baseline, spec)
    assert.deepEqual(decide(FLEET, [v1, n2], { status: other }).status.baseline, other.baseline)
  })

  it('shows nodes without a usable KVM among the total', () => {
    const { status, conditions } = decide(FLEET, [v1, n2], { withoutKvm: 2 })
    assert.equal(status.nodes?.summary, '3/5')
    assert.match(conditions.at(-1)?.message ?? '', /Some nodes have no usable KVM/)
  })

  it('waits while selected nodes have not reported, with the reason in every later condition', () => {
    const decision = decide(FLEET, [v1], { unreported: ['n9'] })
    assert.deepEqual(states(decision), [
      ['Accepted', 'True', 'Accepted'],
      ['Compiled', 'False', 'WaitingForNodes'],
      ['Schedulable', 'False', 'WaitingForNodes'],
    ])
    assert.equal(decision.revision, undefined)
    assert.equal(decision.status.currentRevision, undefined)
    assert.match(
      decision.conditions[1]?.message ?? '',
      /1 of 3 selected nodes .*: n9\. Look at the node-agent/,
    )
  })

  it('keeps the moment since which it waits until there is a baseline, whatever else fails meanwhile', () => {
    const waitingSince = '2026-01-01T00:00:00Z'
    const n1 = entry(fixtureHost('neoverse-n1-6.18'), 'n5')
    assert.equal(decide(FLEET, [v1], { waitingSince, unreported: ['n9'] }).status.waitingSince, waitingSince)
    const failed = decide(FLEET, [v1, n1], { waitingSince })
    assert.equal(failed.conditions[1]?.reason, 'NoCommonView')
    assert.equal(failed.status.waitingSince, waitingSince)
    assert.equal('waitingSince' in decide(FLEET, [v1], { waitingSince }).status, false)
  })

  it('counts the VMs that can go nowhere, and names some of them', () => {
    const vm = (index: number): PlacedVm => ({
      ...{ namespace: 'team', name: `vm-${index}`, node: 'n1', revision: 'fleet-1' },
    })
    const stranded = Array.from({ length: 10 }, (_, index) => vm(index))
    const { strandedVms } = decide(FLEET, [v1], { stranded }).status
    assert.equal(strandedVms?.count, 10)
    assert.equal(strandedVms.sample.length, 8)
    assert.deepEqual(strandedVms.sample[0], { namespace: 'team', name: 'vm-0', node: 'n1' })
    assert.ok(cpuFeatureProfileStatus.safeParse(decide(FLEET, [v1], { stranded }).status).success)
  })

  it('with a typing error is not accepted, and keeps the baseline it has', () => {
    const { status } = decide(FLEET, [v1, n2])
    const features = [{ name: 'FEAT_RNDR', state: 'Disabled' as const }]
    const decision = decide({ ...FLEET, features }, [v1, n2], { status })
    assert.deepEqual(states(decision)[0], ['Accepted', 'False', 'UnknownFeature'])
    assert.match(decision.conditions[0]?.message ?? '', /spec\.features\[0\]\.name/)
    assert.deepEqual(decision.status.baseline, status.baseline)
  })

  it('with a mistake keeps serving the last revision that compiled, and says so', () => {
    const good = decide(FLEET, [v1, n2])
    const given = { status: good.status, ...(good.revision === undefined ? {} : { lastGood: good.revision }) }
    const features = [{ name: 'FEAT_RNDR', state: 'Disabled' as const }]
    const typo = decide({ ...FLEET, features }, [v1, n2], given)
    assert.deepEqual(states(typo), [
      ['Accepted', 'False', 'UnknownFeature'],
      ['Compiled', 'False', 'UnknownFeature'],
      ['Schedulable', 'True', 'NodesFit'],
    ])
    assert.equal(typo.status.currentRevision, good.revision?.name)
    assert.equal(typo.revision?.name, good.revision?.name)
    assert.deepEqual(typo.status.classes, good.status.classes)
    assert.ok(typo.conditions[0]?.message.endsWith(`${good.revision?.name}, the last that compiled`))
    const low = decide(
      { ...FLEET, features: [{ name: 'FEAT_SME', state: 'Required' as const }] },
      [v1, n2],
      given,
    )
    assert.equal(states(low)[1]?.[1], 'False')
    assert.deepEqual(states(low)[2], ['Schedulable', 'True', 'NodesFit'])
  })

  it('that no longer fits the CRD is not accepted, and the place is named', () => {
    const decision = decide({ base: { nodes: { minNodes: 0 } } }, [v1])
    assert.match(decision.conditions[0]?.message ?? '', /^spec\.base\.nodes\.minNodes: /)
  })

  it('with a key that this version does not know is not compiled without it', () => {
    const newer: object = { latency: 'Accept' }
    const decision = decide({ ...FLEET, tolerate: { ...newer } }, [v1, n2])
    assert.deepEqual(states(decision)[0], ['Accepted', 'False', 'UnknownKey'])
    assert.match(decision.conditions[0]?.message ?? '', /^spec\.tolerate\.latency: /)
    assert.equal(decision.revision, undefined)
  })

  it('names an unfit class first, with its findings and the reach of never', () => {
    const { status } = decide(FLEET, [v1, n2])
    const decision = decide(FLEET, [v1, n2, ghz], { status })
    const [first] = decision.status.classes ?? []
    assert.equal(first?.class, ghz.class)
    assert.equal(first.compatible, false)
    assert.ok(first.findings.some(({ reason }) => reason === 'CounterFrequencyDiffers'))
    assert.deepEqual(
      decision.status.reach?.map(({ to, reach }) => [to, reach]),
      [
        [ghz.class, 'Never'],
        [ghz.class, 'Never'],
      ],
    )
    assert.equal(decision.revision?.name, status.currentRevision)
  })

  it('that no node fits says why in its condition', () => {
    const features = [{ name: 'FEAT_SME', state: 'Required' as const }]
    const { conditions } = decide({ base: { host: {} }, features }, [v1, n2])
    assert.equal(conditions.at(-1)?.reason, 'NoCompatibleNode')
    assert.match(conditions.at(-1)?.message ?? '', /^no node fits revision fleet-\w+: .*FEAT_SME/)
  })

  it('of an architecture version keeps the baseline it was taken from, and names who lacks what', () => {
    const spec = { base: { architecture: { version: 'v8.4-A' } } }
    const waiting = decide(spec, [])
    assert.deepEqual(states(waiting)[1], ['Compiled', 'False', 'WaitingForNodes'])
    const unfit = decide(spec, [v1])
    assert.deepEqual(states(unfit)[1], ['Compiled', 'False', 'NoMember'])
    assert.match(unfit.conditions[1]?.message ?? '', new RegExp(`${v1.class} .*FEAT_TTL`))
    const first = decide(spec, [v1, n2])
    assert.deepEqual(first.status.baseline?.classes, [n2.class])
    assert.equal(first.status.nodes?.summary, '1/3')
    assert.match(first.status.notes?.join('\n') ?? '', /FEAT_FP16/)
    const later = decide(spec, [v1], { status: first.status })
    assert.equal(later.revision?.name, first.revision?.name)
    assert.deepEqual(later.status.baseline, first.status.baseline)
    assert.ok(cpuFeatureProfileStatus.safeParse(first.status).success)
  })

  it('without any report is not schedulable', () => {
    const { conditions } = decide({ base: { host: {} } }, [])
    assert.equal(conditions.at(-1)?.reason, 'NoNodes')
  })

  it('has a status that the API takes, whatever the hosts are', () => {
    const all = [...fixtureHosts().values()].map((host, index) => entry(host, `node-${index}`))
    const specs: CpuFeatureProfileSpecInput[] = [
      { base: { host: {} } },
      FLEET,
      { ...FLEET, tolerate: { inert: 'Accept', features: ['FEAT_IDST'], surplus: 'AcceptOneWay' } },
      { base: { host: {} }, vcpuFeatures: { sve: 'Required', mte: 'Required' } },
    ]
    const members = [all, ...all.map((one) => [one]), ...all.map((one, index) => [one, all[index + 1] ?? v1])]
    for (const spec of specs)
      for (const some of members) {
        const { baseline } = decide(spec, some).status
        const { status, conditions } = decide(
          spec,
          all,
          baseline === undefined ? {} : { status: { baseline } },
        )
        const stamped = conditions.map((one) => ({ ...one, lastTransitionTime: '2026-01-01T00:00:00Z' }))
        const parsed = cpuFeatureProfileStatus.safeParse({ ...status, conditions: stamped })
        assert.ok(parsed.success, parsed.error?.message)
      }
  })
})

describe('the Event of a profile', () => {
  const decision = decide(FLEET, [v1, n2])
  const stamped = ({ conditions }: ProfileDecision): CpuFeatureProfileStatus => ({
    conditions: conditions.map((one) => ({ ...one, lastTransitionTime: '2026-01-01T00:00:00Z' })),
  })

  it('tells of a new state', () => {
    const waiting = decide(FLEET, [v1], { unreported: ['n9'] })
    assert.equal(profileEvent(undefined, decision)?.type, 'Normal')
    assert.equal(profileEvent(stamped(waiting), decision)?.reason, 'NodesFit')
    assert.equal(profileEvent(undefined, waiting)?.type, 'Warning')
  })

  it('tells of a mistake, and of its end, though the last good revision fits all the time', () => {
    const lastGood = decision.revision ?? assert.fail()
    const status = decision.status
    const features = [{ name: 'FEAT_RNDR', state: 'Disabled' as const }]
    const typo = decide({ ...FLEET, features }, [v1, n2], { status, lastGood })
    const event = profileEvent(stamped(decision), typo)
    assert.equal(event?.type, 'Warning')
    assert.equal(event.reason, 'UnknownFeature')
    assert.match(event.note, /new pods get revision/)
    assert.equal(profileEvent(stamped(typo), decision)?.reason, 'Compiled')
  })

  it('is silent while the state stays', () => {
    assert.equal(profileEvent(stamped(decision), decision), undefined)
  })

  it('tells of stranded VMs when there are some and were none, with room for every name', () => {
    const name = 'v'.repeat(253)
    const stranded = Array.from({ length: 9 }, () => ({ namespace: 'team', name, node: 'n1', revision: 'r' }))
    const now = decide(FLEET, [v1, n2], { stranded })
    const event = strandedEvent(decision.status, now)
    assert.equal(event?.reason, 'VmsStranded')
    assert.match(event.note, /team\/v+ on n1.* and 1 more\..*restart them/)
    assert.ok(event.note.length <= 1024)
    assert.equal(strandedEvent(now.status, now), undefined)
    assert.equal(strandedEvent(now.status, decision), undefined)
  })
})
