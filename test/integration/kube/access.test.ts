import assert from 'node:assert/strict'
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { createKubeClient } from '../../../src/kube/create-kube-client.ts'
import type { KubeClient } from '../../../src/kube/kube-client.ts'
import type { KubeObject } from '../../../src/kube/kube-object.ts'
import type { ClusterSource } from '../../../src/kube/load-cluster-config.ts'
import { defineResource } from '../../../src/kube/resource.ts'
import { systemClock } from '../../../src/runtime/clock.ts'
import { eventually } from '../../harness/eventually.ts'
import { startControlPlane, type ControlPlane } from '../../harness/control-plane.ts'

type SelfSubjectReview = {
  readonly status?: { readonly userInfo: { readonly username: string } }
} & KubeObject
/** The API server's answer to: who am I? */
const reviews = defineResource<SelfSubjectReview>({
  apiVersion: 'authentication.k8s.io/v1',
  kind: 'SelfSubjectReview',
  plural: 'selfsubjectreviews',
  namespaced: false,
})

describe('access to a real API server', () => {
  let plane: ControlPlane
  let folder = ''
  const clients: KubeClient[] = []

  before(async () => {
    plane = await startControlPlane()
    folder = await mkdtemp(join(tmpdir(), 'access-'))
  })
  after(async () => {
    for (const client of clients) client.close()
    await plane.stop()
    await rm(folder, { recursive: true })
  })

  const open = async (source: ClusterSource): Promise<KubeClient> => {
    const client = await createKubeClient({ ...source, clock: systemClock, fieldManager: 'test' })
    clients.push(client)
    return client
  }
  const whoAmI = async (client: KubeClient): Promise<string | undefined> =>
    (await client.create(reviews, { metadata: { name: '' } })).status?.userInfo.username
  const newToken = async (account: string): Promise<string> => {
    await plane.kubectl(['create', 'serviceaccount', account])
    return plane.kubectl(['create', 'token', account])
  }

  it('is its pod in a pod, and takes the rotated token as soon as the old one is refused', async () => {
    const account = join(folder, 'var/run/secrets/kubernetes.io/serviceaccount')
    await mkdir(account, { recursive: true })
    await copyFile(plane.caFile, join(account, 'ca.crt'))
    await writeFile(join(account, 'namespace'), 'default')
    await writeFile(join(account, 'token'), await newToken('first'))
    const { hostname, port } = new URL(plane.server)
    const kept = { ...process.env }
    Object.assign(process.env, { KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port })
    try {
      const client = await open({ inCluster: { root: folder } })
      assert.equal(await whoAmI(client), 'system:serviceaccount:default:first')
      await writeFile(join(account, 'token'), await newToken('second'))
      await plane.kubectl(['delete', 'serviceaccount', 'first'])
      // The API server remembers for ten seconds that a token was good.
      await eventually('it is who the new token says', async () =>
        (await whoAmI(client)) === 'system:serviceaccount:default:second' ? true : undefined,
      )
    } finally {
      process.env = kept
    }
  })

  it('is who the credential plugin of a kubeconfig says, and names the contexts there are', async () => {
    const status = { token: await newToken('plugged') }
    const credential = { apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', status }
    const exec = {
      apiVersion: credential.apiVersion,
      command: process.execPath,
      args: ['-e', `console.log(${JSON.stringify(JSON.stringify(credential))})`],
    }
    const kubeconfig = join(folder, 'exec.kubeconfig')
    const config = {
      clusters: [{ name: 'c', cluster: { server: plane.server, 'certificate-authority': plane.caFile } }],
      users: [{ name: 'u', user: { exec } }],
      contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    }
    await writeFile(kubeconfig, JSON.stringify(config))
    assert.equal(
      await whoAmI(await open({ kubeconfig, context: 'x' })),
      'system:serviceaccount:default:plugged',
    )
    await assert.rejects(open({ kubeconfig, context: 'y' }), {
      message: `kubeconfig ${kubeconfig} has no context "y"; it has: x`,
    })
  })
})
