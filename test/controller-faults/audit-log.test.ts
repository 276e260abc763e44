import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { auditedForms, auditedRequests, unlistedRequests } from './audit-log.ts'

const line = (auditID: string, username: string, verb = 'get', requestURI = '/api/v1/pods'): string =>
  `${JSON.stringify({ auditID, verb, requestURI, user: { username } })}\n`

describe('the audit log of a cell', () => {
  it('is read up to its last complete line', () => {
    const [one, ...others] = auditedRequests(`${line('a', 'us', 'list')}{"auditID":`)
    assert.deepEqual(one, { id: 'a', user: 'us', verb: 'list', uri: '/api/v1/pods' })
    assert.deepEqual(others, [])
  })

  it('gives the forms of our requests, a watch once, and shows what has come past the proxy', () => {
    const log = line('a', 'us', 'watch') + line('b', 'kubectl') + line('a', 'us', 'watch') + line('c', 'us')
    const forwarded = new Map([['a', 'watch pods']])
    const forms = auditedForms(auditedRequests(log), { user: 'us', forwarded })
    assert.deepEqual(forms, ['watch pods', 'past the proxy: get /api/v1/pods'])
    assert.deepEqual(unlistedRequests([...forms, 'list pods', 'list pods'], new Set(['watch pods'])), [
      'list pods',
      'past the proxy: get /api/v1/pods',
    ])
  })
})
