import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { eventually } from '../../harness/eventually.ts'
import {
  conditionOf,
  Fleet,
  has,
  profile,
  vmPod,
  type KubernetesObject,
  type RunningController,
} from './fleet.ts'

const V1 = 'neoverse-v1-6.18'
const N2 = 'neoverse-n2-6.18'

describe('the controller and the trials of nodes', () => {
  let fleet: Fleet
  let controller: RunningController
  let revision = ''

  const refusal = () => [
    {
      revision,
      refused: [{ register: 'ID_AA64ISAR0_EL1', field: 'RNDR', wanted: '0', shown: '1', errno: 'EINVAL' }],
    },
  ]
  const isOffered = ({ metadata }: KubernetesObject): boolean =>
    metadata.labels?.[`rev.cpufeatures.dev/${revision}`] !== undefined
  /** Waits until exactly these nodes are offered for the revision. */
  const offered = (...wanted: string[]) =>
    eventually(`only ${wanted.join(' and ')} are offered`, async () => {
      const nodes = await Promise.all(['a1', 'a2', 'b1'].map((name) => fleet.get('node', name)))
      const found = nodes.filter(isOffered).map(({ metadata }) => metadata.name)
      if (found.join() === wanted.join()) return true
      throw new Error(found.join())
    })
  const becomes = (what: string, holds: (one: KubernetesObject) => boolean) =>
    fleet.becomes(['cfp', 'any'], what, holds)

  before(async () => {
    fleet = await Fleet.start()
    controller = await fleet.startController('controller-a', { args: ['--leader-elect=false'] })
    await fleet.addNode('a1', V1)
    await fleet.addNode('a2', V1)
    await fleet.addNode('b1', N2)
    await fleet.apply(
      profile('any', { base: { host: {} }, features: [{ name: 'FEAT_RNG', state: 'Disabled' }] }),
    )
    const ready = await becomes('fits all', (one) => one.status?.nodes?.summary === '3/3')
    revision = ready.status?.currentRevision ?? ''
    await offered('a1', 'a2', 'b1')
    const affinity = {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [
            { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: ['a2'] }] },
          ],
        },
      },
    }
    await fleet.apply(vmPod('vm', 'any', { affinity }))
    await fleet.becomes(['pod', 'vm'], 'is bound', ({ spec }) => spec.nodeName === 'a2')
  })

  after(() => fleet.stop())

  it('no longer offer the class of a node that refused a revision, but for the label that a bound pod requires', async () => {
    await fleet.report('a1', V1, refusal())
    await offered('a2', 'b1')
    const told = await becomes('says so', (one) => one.status?.nodes?.summary === '1/3')
    assert.ok(has(told, 'Schedulable', 'True'))
    const [refused, ...others] = told.status?.classes ?? []
    assert.deepEqual(refused?.sample, ['a1', 'a2'])
    assert.deepEqual(
      others.map(({ compatible }) => compatible),
      [true],
    )
    const [finding] = refused.findings
    assert.partialDeepStrictEqual(finding, { reason: 'TrialRefused', register: 'ID_AA64ISAR0_EL1' })
    assert.match(finding?.remedy ?? '', /NodeCpuFeatures a1/)
    const { body } = await controller.ask('/metrics')
    assert.match(body, /^cpufeatures_fleet_refused_revisions 1$/m)
  })

  it('take the last label with the last pod that requires it', async () => {
    await fleet.controlPlane.kubectl(['delete', 'pod', 'vm', '--grace-period=0', '--force'])
    await offered('b1')
  })

  it('say which register it is, and what helps, where no class is left', async () => {
    await fleet.report('b1', N2, refusal())
    const told = await becomes('is not schedulable', (one) => has(one, 'Schedulable', 'False'))
    const { reason, message = '' } = conditionOf(told, 'Schedulable')
    assert.equal(reason, 'NoCompatibleNode')
    assert.match(
      message,
      /ID_AA64ISAR0_EL1\.RNDR.*wanted 0.*1 \(EINVAL\).*Remedy: see status\.refusedRevisions/,
    )
    await offered()
  })

  it('offer a class again when none of its nodes refuses the revision any more', async () => {
    await fleet.report('b1', N2)
    await offered('b1')
    await fleet.report('a1', V1)
    await offered('a1', 'a2', 'b1')
    await becomes('fits all', (one) => one.status?.nodes?.summary === '3/3')
  })
})
