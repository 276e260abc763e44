import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { eventually } from '../../harness/eventually.ts'
import { Fleet, has, POOL, POOL_PROFILE, profile, type RunningController } from './fleet.ts'

const BASELINE = ['cfpb', 'fleet'] as const

describe('a baseline', () => {
  let fleet: Fleet
  let controller: RunningController
  /** The revision of the first baseline. */
  let first = ''

  const startController = async (): Promise<void> => {
    controller = await fleet.startController('controller-a', { args: ['--leader-elect=false'] })
  }

  const kubectl = (...args: string[]) => fleet.controlPlane.kubectl(args)

  /** Deletes the profile, and waits until nothing of it is left but its baseline. */
  const deleteProfile = async (): Promise<void> => {
    await kubectl('delete', 'cfp', 'fleet')
    await eventually('its revisions are gone', async () =>
      (await fleet.revisions()).length === 0 ? true : undefined,
    )
  }

  /** The stored baseline as a backup or a GitOps tool brings it back: without anything that the API server gave it. */
  const backup = async (): Promise<object> => {
    const { apiVersion, kind, metadata, spec } = await fleet.get(...BASELINE)
    return { apiVersion, kind, metadata: { name: metadata.name }, spec }
  }

  const serves = (revision: string) =>
    fleet.becomes(
      ['cfp', 'fleet'],
      `serves ${revision} on 2 of 3 nodes`,
      ({ status }) => status?.currentRevision === revision && status.nodes?.summary === '2/3',
    )

  before(async () => {
    fleet = await Fleet.start()
    await startController()
    await fleet.addNode('n1', 'neoverse-v1-6.18', POOL)
    await fleet.addNode('n2', 'neoverse-n2-6.18', POOL)
    await fleet.apply(profile('fleet', POOL_PROFILE))
    const ready = await fleet.becomes(['cfp', 'fleet'], 'is schedulable', (one) =>
      has(one, 'Schedulable', 'True'),
    )
    first = ready.status?.currentRevision ?? ''
    // With this node, the three have no view in common: taken anew, the profile would fit no node.
    await fleet.addNode('n3', 'neoverse-n1-6.18', POOL)
    await serves(first)
  })

  after(() => fleet.stop())

  it('is also an object of the name of its profile, which nobody owns', async () => {
    const { metadata, spec } = await fleet.get(...BASELINE)
    const { status } = await fleet.get('cfp', 'fleet')
    assert.deepEqual(spec, status?.['baseline'])
    assert.equal('ownerReferences' in metadata, false)
  })

  it('is the same for a profile that was deleted and applied again', async () => {
    await deleteProfile()
    await fleet.apply(profile('fleet', POOL_PROFILE))
    await serves(first)
  })

  it('comes back with a backup that has no status', async () => {
    const kept = await backup()
    await deleteProfile()
    await kubectl('delete', ...BASELINE)
    await fleet.apply(kept, profile('fleet', POOL_PROFILE))
    await serves(first)
  })

  it('comes back while no controller runs, whatever was restored first', async () => {
    const kept = await backup()
    await deleteProfile()
    await controller.stop()
    await kubectl('delete', ...BASELINE)
    await fleet.apply(profile('fleet', POOL_PROFILE), kept)
    await startController()
    await serves(first)
  })

  it('is made again from the status if only the object was deleted', async () => {
    const { metadata, spec } = await fleet.get(...BASELINE)
    await kubectl('delete', ...BASELINE)
    const again = await eventually('it is there again', () => fleet.get(...BASELINE).catch(() => undefined))
    assert.notEqual(again.metadata.uid, metadata.uid)
    assert.deepEqual(again.spec, spec)
    await serves(first)
  })

  it('is not lowered to an older generation by a profile that is applied again with one', async () => {
    await kubectl('label', 'node', 'n3', 'pool-')
    const generation = (value: number) =>
      profile('fleet', {
        ...POOL_PROFILE,
        base: { nodes: { ...POOL_PROFILE.base.nodes, generation: value } },
      })
    await fleet.apply(generation(2))
    const taken = await fleet.becomes(
      [...BASELINE],
      'is of generation 2',
      ({ spec }) => spec['generation'] === 2,
    )
    await kubectl('label', 'node', 'n3', 'pool=vms')
    await deleteProfile()
    await fleet.apply(generation(1))
    const back = await serves(first)
    assert.match(back.status?.notes?.join('\n') ?? '', /of generation 2.*asks for 1/)
    assert.deepEqual((await fleet.get(...BASELINE)).spec, taken.spec)
  })
})
