import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fixtureHost } from '../../../test/fixtures/host-documents.ts'
import { cpuFeatureProfileSpec } from '../../api/cpu-feature-profile.ts'
import { revisionName } from '../../plan/revision-name.ts'
import { compileProfile } from '../../profile/compile-profile.ts'
import { changeTable } from '../output/change-table.ts'
import type { VmPod } from '../status/vm-pod.ts'
import type { NodeClass } from '../vms/vm-ways.ts'
import { changeReport, type Change, type PlannedRevision } from './change-report.ts'

const nodeClass = (name: string, fixture: string, nodes: string[]): NodeClass => ({
  ...{ class: name, host: fixtureHost(fixture), nodes, refused: new Set<string>() },
})
const CLASSES = [nodeClass('v1', 'neoverse-v1-6.18', ['a', 'b']), nodeClass('n1', 'neoverse-n1-6.18', ['c'])]

const revisionOf = (spec: object): PlannedRevision => {
  const hosts = CLASSES.map((one) => ({ ...one, nodes: one.nodes.length, selected: true }))
  const result = compileProfile({ spec: cpuFeatureProfileSpec.parse({ base: { host: {} }, ...spec }), hosts })
  assert.ok(result.kind === 'compiled')
  return { revision: revisionName('fleet', result.plan), plan: result.plan }
}
const ANY = revisionOf({})
const WITH_RNG = revisionOf({ features: [{ name: 'FEAT_RNG', state: 'Required' }] })

const pod = (name: string, node: string, { revision }: PlannedRevision): VmPod => ({
  metadata: {
    ...{ name, namespace: 'team', labels: { 'cpufeatures.dev/profile': 'fleet' } },
    annotations: { 'cpufeatures.dev/revision': revision },
  },
  spec: { nodeName: node },
})

const change = (one: Partial<Change>, pods: readonly VmPod[] = []): Change => ({
  ...{ profile: 'fleet', drained: new Set<string>() },
  facts: {
    ...{ pods, classes: CLASSES, oneWayProfiles: new Set<string>() },
    plans: new Map([ANY, WITH_RNG].map(({ revision, plan }) => [revision, plan])),
  },
  ...one,
})

describe('what a change would do', () => {
  it('is which nodes new VMs would lose and why, and what the controller would write', () => {
    const report = changeReport(change({ before: ANY, after: WITH_RNG }))
    assert.deepEqual([report.before?.nodes, report.after?.nodes], [3, 2])
    assert.deepEqual(
      report.lost.map((one) => [one.class, one.nodes]),
      [['n1', ['c']]],
    )
    assert.match(report.lost[0]?.why ?? '', /FEAT_RNG/)
    assert.deepEqual(report.writes, { revisions: 1, nodes: 2 })
    assert.deepEqual(changeReport(change({ before: WITH_RNG, after: ANY })).gained, ['c'])
  })

  it('is nothing where the revision stays', () => {
    const report = changeReport(change({ before: ANY, after: ANY }))
    assert.deepEqual([report.lost, report.gained, report.writes], [[], [], { revisions: 0, nodes: 0 }])
    assert.match(changeTable(report, false).join(' '), /stays as it is/)
  })

  it('is that the last revision goes on serving where the next one does not compile', () => {
    const report = changeReport(change({ before: ANY, why: 'no member' }))
    assert.match(changeTable(report, false).join(' '), /would go on getting fleet-.*no member/)
  })

  it('is which running VMs would have nowhere to go from drained nodes', () => {
    const pods = [pod('vm-1', 'a', WITH_RNG), pod('vm-2', 'c', ANY)]
    const { vms } = changeReport(change({ drained: new Set(['a']) }, pods))
    assert.deepEqual([vms.running, vms.toMove, vms.stranded.length], [2, 1, 1])
    const both = changeReport(change({ drained: new Set(['a', 'b']) }, pods)).vms
    assert.ok(both.stranded.some(({ name, otherNodes }) => name === 'vm-1' && otherNodes === 0))
  })
})
