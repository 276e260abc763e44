import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { resourcePath } from './resource.ts'

const CONFIG_MAP = { apiVersion: 'v1', kind: 'ConfigMap', plural: 'configmaps', namespaced: true }

describe('the path of an object', () => {
  it('is that of its group, version, namespace, kind and name', () => {
    const target = { namespace: 'a', name: 'b', subresource: 'status' }
    assert.equal(resourcePath(CONFIG_MAP, target), '/api/v1/namespaces/a/configmaps/b/status')
    const grouped = { ...CONFIG_MAP, apiVersion: 'apps/v1' }
    assert.equal(resourcePath(grouped, {}), '/apis/apps/v1/configmaps')
  })

  it('leaves its place by no name that somebody else gave', () => {
    const evil = '..\\..\\api/v1/pods?x='
    const resource = { ...CONFIG_MAP, apiVersion: `x/${evil}`, plural: evil }
    const { pathname, search } = new URL(
      resourcePath(resource, { namespace: evil, name: evil }),
      'https://server',
    )
    assert.equal(search, '')
    assert.match(pathname, /^\/apis\/x\/\.\.%5C\.\.%5Capi\//)
    assert.throws(() => resourcePath({ ...CONFIG_MAP, apiVersion: 'x/..' }, {}), TypeError)
    assert.throws(() => resourcePath(CONFIG_MAP, { namespace: 'a', name: '..' }), TypeError)
  })
})
