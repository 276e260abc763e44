import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isInContainer } from './is-in-container.ts'

const UID = '13703105-6a0f-4a8e-9f5c-0d8f1a2b3c4d'
const ID = '0d0f4eb1'
const SLICE = `/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${UID.replaceAll('-', '_')}.slice`

const CASES: Record<string, readonly [cgroup: string, is: boolean]> = {
  'by the driver cgroupfs': [`/kubepods/burstable/pod${UID}/${ID}`, true],
  'by the driver systemd': [`${SLICE}/cri-containerd-${ID}.scope`, true],
  'by the driver systemd under CRI-O': [`${SLICE}/crio-${ID}.scope`, true],
  'if KubeVirt has moved the thread below it': [`/kubepods/burstable/pod${UID}/${ID}/housekeeping`, true],
  'as a reader in a cgroup namespace sees it': [`/../../pod${UID}/${ID}`, true],
  'not if it is another container of the pod': [`/kubepods/burstable/pod${UID}/${ID}0`, false],
  'not if the container has another pod': [`/kubepods/burstable/pod0/${ID}`, false],
  'not if only a name below says so': [`/kubepods/burstable/pod0/x/pod${UID}`, false],
  'not if it is in no pod': ['/system.slice/sshd.service', false],
}

describe('a process is in a container', () => {
  for (const [name, [path, is]] of Object.entries(CASES))
    it(name, () => {
      assert.equal(isInContainer(`0::${path}\n`, { id: ID, pod: { uid: UID } }), is)
    })

  it('not if it has gone', () => {
    assert.equal(isInContainer('', { id: ID, pod: { uid: UID } }), false)
  })
})
