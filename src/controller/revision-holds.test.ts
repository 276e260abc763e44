import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { CpuFeatureProfileRevision } from '../api/cpu-feature-profile-revision.ts'
import type { JsonPatchOperation, KubeClient } from '../kube/kube-client.ts'
import { WatchedObjects } from '../../test/doubles/watched-objects.ts'
import { RevisionHolds } from './revision-holds.ts'

const OURS = 'cpufeatures.dev/revision-in-use'

const revision = (resourceVersion: string, finalizers?: string[]) =>
  ({
    metadata: { name: 'fleet-1', resourceVersion, ...(finalizers === undefined ? {} : { finalizers }) },
  }) as CpuFeatureProfileRevision

/** Stands in for the API server: counts the patches and gives each the next resourceVersion. */
const server = () => {
  const finalizers: unknown[] = []
  const patchJson = (_resource: unknown, _ref: unknown, operations: readonly JsonPatchOperation[]) => {
    const written = operations.flatMap((one) => (one.op === 'add' ? [one.value as string[]] : []))[0]
    finalizers.push(written)
    return Promise.resolve(revision(String(finalizers.length + 1), written))
  }
  return { client: { patchJson } as unknown as Pick<KubeClient, 'patchJson'>, finalizers }
}

const holdsOf = (shown: CpuFeatureProfileRevision): RevisionHolds => {
  const watched = new WatchedObjects<CpuFeatureProfileRevision>()
  watched.show(shown)
  return new RevisionHolds(watched)
}

describe('holding a revision', () => {
  it('writes once, though many ask at the same moment and again before it is shown', async () => {
    const { client, finalizers } = server()
    const holds = holdsOf(revision('1'))
    await Promise.all([holds.hold(client, revision('1')), holds.hold(client, revision('1'))])
    await holds.hold(client, revision('1'))
    assert.deepEqual(finalizers, [[OURS]])
  })

  it('keeps the finalizers of others', async () => {
    const { client, finalizers } = server()
    const holds = holdsOf(revision('1', ['other']))
    await holds.hold(client, revision('1', ['other']))
    await holds.release(client, revision('2', ['other', OURS]))
    assert.deepEqual(finalizers, [['other', OURS], ['other']])
  })

  it('does not take one for held that it has let go itself a moment ago', async () => {
    const { client, finalizers } = server()
    const shown = revision('1', [OURS])
    const holds = holdsOf(shown)
    await holds.release(client, shown)
    assert.ok(!holds.isHeld(shown))
    await holds.hold(client, shown)
    assert.equal(finalizers.length, 2)
  })
})
