import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { containerTreatment, type ContainerTreatment, type PodOfContainer } from './container-treatment.ts'

const PROFILE = { 'cpufeatures.dev/profile': 'fleet' }

/** What a kubelet writes on the mirror pod of a static pod. */
const MIRROR = { 'kubernetes.io/config.hash': 'h1', 'kubernetes.io/config.mirror': 'h1' }

const pod = (metadata: Partial<PodOfContainer['metadata']> = {}): PodOfContainer => ({
  metadata: { name: 'vm', namespace: 'default', uid: 'u1', ...metadata },
})

const pinned = (revision: string): PodOfContainer =>
  pod({ labels: PROFILE, annotations: { 'cpufeatures.dev/revision': revision } })

const CASES: Record<
  string,
  { pod: PodOfContainer | undefined; breakGlass?: boolean; uid?: string; treatment: ContainerTreatment }
> = {
  'of a pinned pod are levelled': {
    pod: pinned('fleet-1'),
    treatment: { kind: 'level', revision: 'fleet-1' },
  },
  'of a pinned pod are levelled though the break-glass is on': {
    pod: pinned('fleet-1'),
    breakGlass: true,
    treatment: { kind: 'level', revision: 'fleet-1' },
  },
  'of a migration target whose source had no revision pass': {
    pod: pinned('none'),
    treatment: { kind: 'pass', why: 'revision-none' },
  },
  'of a pod without a profile pass': { pod: pod(), treatment: { kind: 'pass', why: 'unlabelled' } },
  'of a pod whose label is empty pass': {
    pod: pod({ labels: { 'cpufeatures.dev/profile': '' } }),
    treatment: { kind: 'pass', why: 'unlabelled' },
  },
  'of a pod that slipped past the gate are refused': {
    pod: pod({ labels: PROFILE }),
    treatment: { kind: 'refuse', reason: 'NotPinned', detail: 'profile fleet' },
  },
  'of a pod that slipped past the gate pass while the break-glass is on': {
    pod: pod({ labels: PROFILE }),
    breakGlass: true,
    treatment: { kind: 'pass', why: 'break-glass' },
  },
  'of a static pod with a profile are refused: nobody pins it': {
    pod: pod({ labels: PROFILE, annotations: MIRROR }),
    uid: 'h1',
    treatment: { kind: 'refuse', reason: 'StaticPod', detail: 'profile fleet' },
  },
  'of a static pod with a profile pass while the break-glass is on': {
    pod: pod({ labels: PROFILE, annotations: MIRROR }),
    uid: 'h1',
    breakGlass: true,
    treatment: { kind: 'pass', why: 'break-glass' },
  },
  'of a static pod whose mirror pod was refused are refused': {
    pod: undefined,
    uid: '0f343b0931126a20f133d67c2b018a3b',
    treatment: { kind: 'refuse', reason: 'StaticPod', detail: 'uid 0f343b0931126a20f133d67c2b018a3b' },
  },
  'of a pod that is gone are refused': {
    pod: undefined,
    treatment: { kind: 'refuse', reason: 'PodGone', detail: 'uid u1' },
  },
  'of a pod that another one has replaced are refused': {
    pod: pod({ ...pinned('fleet-1').metadata, uid: 'u2' }),
    treatment: { kind: 'refuse', reason: 'PodGone', detail: 'uid u1' },
  },
}

describe('the VMs', () => {
  for (const [name, { pod: of, breakGlass = false, uid = 'u1', treatment }] of Object.entries(CASES))
    it(name, () => {
      assert.deepEqual(containerTreatment({ pod: of, uid, breakGlass }), treatment)
    })
})
