import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readIdentity } from './container-identity.ts'

const UID = '13703105-6a0f-4a8e-9f5c-0d8f1a2b3c4d'

/** As runc 1.3 sends it under containerd 2.1; shortened. */
const CONTAINERD = {
  ociVersion: '1.2.1',
  fds: ['seccompFd'],
  pid: 474,
  metadata: 'unset',
  state: {
    ociVersion: '1.2.1',
    id: '0d0f4eb1',
    status: 'creating',
    pid: 474,
    bundle: '/run/containerd/io.containerd.runtime.v2.task/k8s.io/0d0f4eb1',
    annotations: {
      'io.kubernetes.cri.container-name': 'vm',
      'io.kubernetes.cri.container-type': 'container',
      'io.kubernetes.cri.sandbox-name': 'vm-gated',
      'io.kubernetes.cri.sandbox-namespace': 'default',
      'io.kubernetes.cri.sandbox-uid': UID,
    },
  },
}

const CRIO = {
  ...CONTAINERD,
  state: {
    ...CONTAINERD.state,
    annotations: {
      'io.kubernetes.container.name': 'vm',
      'io.kubernetes.pod.name': 'vm-gated',
      'io.kubernetes.pod.namespace': 'default',
      'io.kubernetes.pod.uid': UID,
    },
  },
}

const EXPECTED = {
  kind: 'container',
  container: {
    id: '0d0f4eb1',
    name: 'vm',
    pid: 474,
    pod: { namespace: 'default', name: 'vm-gated', uid: UID },
  },
}

const read = (state: unknown, indent?: number) =>
  readIdentity(Buffer.from(JSON.stringify(state, undefined, indent)))

describe('what a runtime sends with a listener', () => {
  for (const [name, state] of Object.entries({ containerd: CONTAINERD, 'CRI-O': CRIO }))
    it(`names pod and container under ${name}, on one line or on many`, () => {
      assert.deepEqual(read(state), EXPECTED)
      assert.deepEqual(read(state, 4), EXPECTED)
    })

  const unreadable: Record<string, Buffer> = {
    'is no JSON': Buffer.from('{"fds":["seccompFd"],'),
    'is empty': Buffer.alloc(0),
    'is another thing': Buffer.from('[1,2]'),
    'has no annotations': Buffer.from(JSON.stringify({ ...CONTAINERD, state: { id: 'a' } })),
    'names no container': Buffer.from(
      JSON.stringify({ ...CONTAINERD, state: { id: 'a', annotations: { 'io.kubernetes.pod.uid': UID } } }),
    ),
    'has a pid that no process has': Buffer.from(JSON.stringify({ ...CONTAINERD, pid: 0 })),
  }
  for (const [name, bytes] of Object.entries(unreadable))
    it(`is refused with a reason if it ${name}`, () => {
      assert.equal(readIdentity(bytes).kind, 'unreadable')
    })
})
