import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isElection, numbered, requestForm } from './request-form.ts'

const form = (method: string, url: string, body: object = {}): string =>
  requestForm({ method, url, body: JSON.stringify(body) })

const OURS = '/apis/cpufeatures.dev/v1alpha1'

describe('the normal form of a request to the API server', () => {
  it('is the verb of the audit log, the resource, its subresource and the name', () => {
    assert.equal(form('GET', '/api/v1/namespaces/default/pods/vm'), 'get pods vm')
    assert.equal(
      form('PATCH', '/api/v1/namespaces/default/pods/vm/status?force=true'),
      'patch pods/status vm',
    )
    assert.equal(form('PATCH', '/api/v1/nodes/n1'), 'patch nodes n1')
    assert.equal(form('GET', '/api/v1/namespaces/x'), 'get namespaces x')
    assert.equal(form('DELETE', `${OURS}/cpufeatureprofiles/a`), 'delete cpufeatureprofiles a')
    assert.equal(form('PUT', '/apis/coordination.k8s.io/v1/namespaces/n/leases/l'), 'update leases l')
  })

  it('tells a list from a watch, and one selection from another, but not one resourceVersion from another', () => {
    assert.equal(form('GET', '/api/v1/pods?limit=500'), 'list pods')
    const watch = '/api/v1/pods?watch=1&labelSelector=a%3Db&resourceVersion=7'
    assert.equal(form('GET', watch), 'watch pods (a=b)')
    assert.equal(form('GET', watch.replace('=7', '=8')), 'watch pods (a=b)')
  })

  it('names what is created, and an Event after its object', () => {
    const revision = { metadata: { name: 'fleet-0123456789' } }
    assert.equal(
      form('POST', `${OURS}/cpufeatureprofilerevisions`, revision),
      'create cpufeatureprofilerevisions fleet-*',
    )
    const event = { metadata: { name: 'vm.1.0bd6a2b8-0000-4000-8000-000000000000' } }
    assert.equal(
      form('POST', '/apis/events.k8s.io/v1/namespaces/default/events', event),
      'create events about vm.1',
    )
  })

  it('has no names of policies and no hashes of revisions', () => {
    assert.equal(
      form('GET', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/a.b'),
      'get customresourcedefinitions *',
    )
    assert.equal(
      form('PATCH', `${OURS}/cpufeatureprofilerevisions/fleet-0123456789`),
      'patch cpufeatureprofilerevisions fleet-*',
    )
  })

  it('is the path where that names no resource', () => {
    assert.equal(form('GET', OURS), `get ${OURS}`)
    assert.equal(form('GET', '/version'), 'get /version')
  })

  it('tells the requests of an election from others', () => {
    assert.ok(isElection('update leases cpufeatures-controller'))
    assert.ok(!isElection('patch pods leases '))
  })

  it('is numbered where it comes again', () => {
    assert.deepEqual(numbered(['a', 'b', 'a', 'a']), ['a', 'b', 'a #2', 'a #3'])
  })
})
