import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { clusterLocation } from './cluster-location.ts'

describe('clusterLocation', () => {
  const pod = { KUBERNETES_SERVICE_HOST: '10.0.0.1', KUBERNETES_SERVICE_PORT: '443' }
  const nowhere = { HOME: '/nonexistent' }

  it('takes the given path first, then KUBECONFIG, then the service account of the pod', () => {
    const env = { ...pod, KUBECONFIG: 'a:b' }
    assert.deepEqual(clusterLocation('given', env), { kubeconfig: 'given' })
    assert.deepEqual(clusterLocation(undefined, env), { kubeconfig: 'a:b' })
    assert.deepEqual(clusterLocation(undefined, { ...pod, KUBECONFIG: '' }), { inCluster: { root: '' } })
  })

  it('does not assume a pod if only one of host and port is set', () => {
    assert.deepEqual(clusterLocation(undefined, { ...nowhere, KUBERNETES_SERVICE_HOST: '10.0.0.1' }), {})
    assert.deepEqual(clusterLocation(undefined, { ...nowhere, KUBERNETES_SERVICE_PORT: '443' }), {})
  })

  it('takes the kubeconfig of the home last, where there is one', async () => {
    const home = await mkdtemp(join(tmpdir(), 'home-'))
    try {
      assert.deepEqual(clusterLocation(undefined, { HOME: home }), {})
      const kubeconfig = join(home, '.kube/config')
      await mkdir(join(home, '.kube'))
      await writeFile(kubeconfig, '')
      assert.deepEqual(clusterLocation(undefined, { HOME: home }), { kubeconfig })
      assert.deepEqual(clusterLocation(undefined, { HOME: home, ...pod }), { inCluster: { root: '' } })
    } finally {
      await rm(home, { recursive: true })
    }
  })
})
