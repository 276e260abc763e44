import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fixtureHost } from '../../../test/fixtures/host-documents.ts'
import { compileProfile } from '../../profile/compile-profile.ts'
import { cpuFeatureProfileSpec } from '../../api/cpu-feature-profile.ts'
import type { Plan } from '../../api/plan.ts'
import { revisionName } from '../../plan/revision-name.ts'
import { vmsTable } from '../output/vms-table.ts'
import type { VmPod } from '../status/vm-pod.ts'
import { vmRows, type VmFacts } from './vm-report.ts'
import type { NodeClass } from './vm-ways.ts'

const nodeClass = (name: string, fixture: string, nodes: string[], refused: string[] = []): NodeClass => ({
  ...{ class: name, host: fixtureHost(fixture), nodes, refused: new Set(refused) },
})
const V1 = nodeClass('v1', 'neoverse-v1-6.18', ['a', 'b'])
const N2 = nodeClass('n2', 'neoverse-n2-6.18', ['c'])
const OTHER_COUNTER = nodeClass('n2-1ghz', 'neoverse-n2-1ghz-6.18', ['d'])

const planOf = (spec: object): Plan => {
  const hosts = [V1, N2].map((one) => ({ ...one, nodes: one.nodes.length, selected: true }))
  const result = compileProfile({ spec: cpuFeatureProfileSpec.parse(spec), hosts })
  return result.kind === 'compiled' ? result.plan : assert.fail(JSON.stringify(result))
}
const COMMON = planOf({ base: { nodes: {} }, implementation: { midr: 'FromBaseline' } })
const REVISION = revisionName('fleet', COMMON)

const pod = (name: string, node?: string, revision = REVISION): VmPod => ({
  metadata: {
    ...{ name, namespace: 'team', labels: { 'cpufeatures.dev/profile': 'fleet' } },
    annotations: {
      'cpufeatures.dev/revision': revision,
      'cpufeatures.dev/applied': '{"formatVersion":1,"outcome":"verified"}',
    },
  },
  spec: node === undefined ? {} : { nodeName: node },
})

const rows = (change: Partial<VmFacts>) =>
  vmRows({
    ...{ pods: [pod('vm', 'a')], classes: [V1, N2, OTHER_COUNTER] },
    ...{ plans: new Map([[REVISION, COMMON]]), oneWayProfiles: new Set<string>() },
    ...change,
  })

describe('the VM pods of a cluster', () => {
  it('have the number of other nodes that could take them, by the CPU', () => {
    const [vm] = rows({})
    assert.deepEqual(vm, {
      ...{
        namespace: 'team',
        name: 'vm',
        profile: 'fleet',
        revision: REVISION,
        node: 'a',
        state: 'starting',
      },
      ...{ proof: 'verified', otherNodes: 2 },
    })
  })

  it('have nowhere to go where no other node fits or is in reach, and say for each class why', () => {
    const [vm] = rows({ pods: [pod('vm', 'c')], classes: [N2, OTHER_COUNTER] })
    assert.equal(vm?.otherNodes, 0)
    assert.deepEqual(
      vm.closed?.map((one) => one.class),
      ['n2-1ghz'],
    )
    assert.match(vm.closed[0]?.why ?? '', /CNTFRQ/)
    const text = vmsTable([vm], false).join('\n')
    assert.match(text, /No other node can take team\/vm:\n {2}- class n2-1ghz \(1 node\)/)
  })

  it('do not go to a class of which a node refused their revision', () => {
    const refusing = nodeClass('v1', 'neoverse-v1-6.18', ['a', 'b'], [REVISION])
    const [vm] = rows({ pods: [pod('vm', 'c')], classes: [refusing, N2] })
    assert.equal(vm?.otherNodes, 0)
    assert.match(vm.closed?.[0]?.why ?? '', /refused the revision in a trial/)
  })

  it('say nothing of where they could go before they have a node, without a revision, and where it is gone', () => {
    const found = rows({ pods: [pod('new'), pod('none', 'a', 'none'), pod('gone', 'a', 'fleet-0000000000')] })
    assert.deepEqual(
      found.map(({ otherNodes }) => otherNodes),
      [undefined, undefined, undefined],
    )
  })

  it('of a node without a report go wherever their revision fits', () => {
    assert.equal(rows({ pods: [pod('vm', 'silent')] })[0]?.otherNodes, 3)
  })

  it('go nowhere by a revision that is not what its name says', () => {
    const altered = { ...COMMON, untrapped: { counterFrequency: 1 } }
    const [vm] = rows({ plans: new Map([[REVISION, altered]]) })
    assert.equal(vm?.otherNodes, 0)
    assert.match(vm.closed?.[0]?.why ?? '', /not the hash in the name/)
  })
})
