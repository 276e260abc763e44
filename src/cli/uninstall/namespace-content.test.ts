import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { KubeObject } from '../../kube/kube-object.ts'
import { isOfOthers, ofOthers, whyNamespaceStays } from './namespace-content.ts'
import type { Removal } from './removal.ts'

const named = (name: string, annotations = {}): KubeObject => ({ metadata: { name, annotations } })

describe('what others have in our namespace', () => {
  it('is asked of every kind that people keep, and leaves out what has our label', async () => {
    const asked: string[] = []
    const list = ((resource, options) => {
      asked.push(`${resource.apiVersion} ${resource.plural} ${options?.labelSelector ?? ''}`)
      assert.equal(options?.namespace, 'ours')
      return Promise.resolve(resource.kind === 'PersistentVolumeClaim' ? [named('disk')] : [])
    }) as Removal['list']
    assert.deepEqual(await ofOthers({ list }, 'ours'), ['PersistentVolumeClaim disk'])
    assert.deepEqual(
      asked.toSorted(),
      [
        'v1 pods app.kubernetes.io/name!=cpufeatures',
        ...[
          ...['configmaps', 'persistentvolumeclaims', 'secrets', 'serviceaccounts', 'services'].map(
            (one) => `v1 ${one}`,
          ),
          ...['daemonsets', 'deployments', 'statefulsets'].map((one) => `apps/v1 ${one}`),
          ...['cronjobs', 'jobs'].map((one) => `batch/v1 ${one}`),
        ].map((one) => `${one} !cpufeatures.dev/installed`),
      ].toSorted(),
    )
  })

  it('is nothing that Kubernetes makes in every namespace', () => {
    assert.equal(isOfOthers({ kind: 'ConfigMap' }, named('kube-root-ca.crt')), false)
    assert.equal(isOfOthers({ kind: 'ConfigMap' }, named('default')), true)
    assert.equal(isOfOthers({ kind: 'ServiceAccount' }, named('default')), false)
    assert.equal(isOfOthers({ kind: 'ServiceAccount' }, named('kube-root-ca.crt')), true)
    assert.equal(isOfOthers({ kind: 'Service' }, named('default')), true)
    const token = named('token', { 'kubernetes.io/service-account.name': 'default' })
    assert.equal(isOfOthers({ kind: 'Secret' }, token), false)
    assert.equal(isOfOthers({ kind: 'Secret' }, named('registry')), true)
  })

  it('is said by name, the first five', () => {
    assert.equal(
      whyNamespaceStays('ours', ['Secret a', 'Secret b']),
      'Namespace ours: others have something in it (Secret a, Secret b). Delete it yourself',
    )
    assert.match(
      whyNamespaceStays('ours', ['1', '2', '3', '4', '5', '6', '7']),
      /\(1, 2, 3, 4, 5 and 2 more\)/,
    )
  })
})
