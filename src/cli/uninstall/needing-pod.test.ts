import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { needingPod, type ExaminedPod } from './needing-pod.ts'

const localhost = (localhostProfile: string) => ({
  securityContext: { seccompProfile: { type: 'Localhost', localhostProfile } },
})

const pod = (spec: object = {}, more: { metadata?: object; status?: object } = {}): ExaminedPod => ({
  metadata: { name: 'vm', namespace: 'team', ...more.metadata },
  spec: { containers: [{ name: 'vmm' }], ...spec },
  ...(more.status === undefined ? {} : { status: more.status }),
})

const why = (one: ExaminedPod): readonly string[] => needingPod(one)?.why ?? []

describe('a pod', () => {
  it('needs nothing without our seccomp profile, gate or pin, whatever its labels and other profiles are', () => {
    const other = pod(
      { containers: [{ name: 'vmm', ...localhost('kubevirt/kubevirt.json') }] },
      { metadata: { labels: { 'cpufeatures.dev/profile': 'fleet' } } },
    )
    assert.equal(needingPod(pod()), undefined)
    assert.equal(needingPod(other), undefined)
    assert.equal(needingPod(pod(localhost('cpufeatures-mine/x.json'))), undefined)
  })

  it('needs the holder for one of our files in any container, however its path is spelled', () => {
    for (const file of ['cpufeatures/unset.json', './cpufeatures/unset.json', 'cpufeatures//unset.json']) {
      const one = { name: 'x', ...localhost(file) }
      for (const spec of [{ containers: [one] }, { initContainers: [one] }, { ephemeralContainers: [one] }])
        assert.deepEqual(why(pod(spec)), ['container x has the seccomp profile cpufeatures/unset.json'])
      assert.deepEqual(why(pod(localhost(file))), [
        'all its containers have the seccomp profile cpufeatures/unset.json',
      ])
    }
  })

  it('is told with its node, its profile and the revision to which it is pinned', () => {
    const metadata = {
      labels: { 'cpufeatures.dev/profile': 'fleet' },
      annotations: { 'cpufeatures.dev/revision': 'fleet-1' },
    }
    assert.deepEqual(needingPod(pod({ nodeName: 'n1' }, { metadata })), {
      ...{ namespace: 'team', name: 'vm', node: 'n1', profile: 'fleet' },
      ...{ revisions: ['fleet-1'], why: ['it is pinned to revision fleet-1'] },
    })
  })

  it('that waits at our gate needs the controller', () => {
    assert.deepEqual(why(pod({ schedulingGates: [{ name: 'cpufeatures.dev/profile' }] })), [
      'it waits until the controller removes its scheduling gate',
    ])
  })

  it('that has finished needs nothing any more', () => {
    const spec = { containers: [{ name: 'vmm', ...localhost('cpufeatures/unset.json') }] }
    for (const phase of ['Succeeded', 'Failed'])
      assert.equal(needingPod(pod(spec, { status: { phase } })), undefined)
    assert.notEqual(needingPod(pod(spec, { status: { phase: 'Running' } })), undefined)
  })
})
