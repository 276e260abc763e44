import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isStaticPodUid } from './static-pod-uid.ts'
import { isOfStaticPod, staticPodEvent } from './static-pod.ts'

const HASH = '0f343b0931126a20f133d67c2b018a3b'
const UUID = 'e10b1e94-72fd-498b-95f4-fb30c01bf3f9'
const ofUid = (uid: string) => ({ namespace: 'kube-system', name: 'vm-node-a', uid })

describe('a static pod', () => {
  it('is known by the UID that its kubelet made, which no pod of the API server has', () => {
    assert.equal(isStaticPodUid(HASH), true)
    for (const uid of [UUID, `${HASH}0`, HASH.toUpperCase(), '']) assert.equal(isStaticPodUid(uid), false)
  })

  it('is known by what was decided of it, if its manifest names a UID', () => {
    const refused = { kind: 'refused', reason: 'StaticPod', detail: 'profile fleet' } as const
    assert.equal(isOfStaticPod(ofUid('mine'), refused), true)
    assert.equal(isOfStaticPod(ofUid(UUID), { ...refused, reason: 'NotPinned' }), false)
    assert.equal(isOfStaticPod(ofUid(HASH), { kind: 'passed', why: 'unlabelled' }), true)
  })

  it('is told why its VM is refused, and what helps', () => {
    const event = staticPodEvent('vmm', { kind: 'refused', reason: 'StaticPod', detail: 'profile fleet' })
    assert.deepEqual([event?.type, event?.reason], ['Warning', 'StaticPod'])
    assert.match(
      event?.note ?? '',
      /^container vmm may make no VM \(profile fleet\)\. .*static pod.*Deployment/,
    )
  })

  it('is told that its VM is not levelled, with or without the label', () => {
    for (const why of ['unlabelled', 'break-glass'] as const) {
      const event = staticPodEvent('vmm', { kind: 'passed', why })
      assert.deepEqual([event?.type, event?.reason], ['Warning', 'NotLevelled'])
      assert.match(event?.note ?? '', /^VMs of container vmm are not levelled: it belongs to a static pod/)
    }
  })
})
