import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { WatchedObjects } from '../../test/doubles/watched-objects.ts'
import type { Pod } from './pod.ts'
import { PodsByProfile } from './pods-by-profile.ts'

let versions = 0
const pod = (name: string, profile: string, nodeName?: string): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    ...{ name, namespace: 'team', resourceVersion: String((versions += 1)) },
    labels: { 'cpufeatures.dev/profile': profile },
  },
  spec: nodeName === undefined ? {} : { nodeName },
})

describe('the pods of a profile', () => {
  const watched = new WatchedObjects<Pod>()
  const pods = new PodsByProfile(watched)
  const shown = (profile: string) =>
    pods.of(profile).map(({ metadata, spec }) => [metadata.name, spec.nodeName])

  it('are those that name it, as they are now', () => {
    for (const one of [pod('a', 'fleet'), pod('b', 'fleet'), pod('c', 'other')]) watched.show(one)
    watched.show(pod('a', 'fleet', 'n1'))
    assert.deepEqual(shown('fleet').toSorted(), [
      ['a', 'n1'],
      ['b', undefined],
    ])
    assert.deepEqual(shown('other'), [['c', undefined]])
  })

  it('are without one that is gone, that names another profile by now, or none', () => {
    watched.remove(pod('b', 'fleet'))
    watched.show(pod('c', 'fleet'))
    watched.show(pod('a', ''))
    assert.deepEqual(shown('fleet'), [['c', undefined]])
    assert.deepEqual([shown('other'), shown('')], [[], []])
  })
})
