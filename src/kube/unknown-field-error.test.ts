import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ApiError } from './api-error.ts'
import { defineResource } from './resource.ts'
import { unknownFieldError } from './unknown-field-error.ts'

const things = defineResource({ apiVersion: 'g.dev/v1', kind: 'Thing', plural: 'things', namespaced: false })
const error = (status: number, message: string) =>
  new ApiError({ status, reason: 'Any', message: `PATCH /apis/g.dev/v1/things/a: ${message}` })

const CASES: Record<string, { message: string; fields: string }> = {
  'of a strict write': {
    message:
      'Thing in version "v1" cannot be handled as a Thing: strict decoding error: unknown field "spec.a", unknown field "spec.b[0].c"',
    fields: 'spec.a, spec.b[0].c',
  },
  'of server-side apply': {
    message:
      'failed to create typed patch object (/a; g.dev/v1, Kind=Thing): errors:\n  .status.a: field not declared in schema\n' +
      '  .status.b[name="x"].c: field not declared in schema',
    fields: 'status.a, status.b[name="x"].c',
  },
}

describe('the refusal of a field that the installed CRD lacks', () => {
  for (const [what, { message, fields }] of Object.entries(CASES))
    it(`${what} names each such field and what to do`, () => {
      const told = unknownFieldError(error(400, message), things)
      assert.ok(told instanceof ApiError)
      assert.equal(told.reason, 'UnknownField')
      assert.equal(
        told.message,
        `PATCH /apis/g.dev/v1/things/a: things of g.dev/v1 as installed in the cluster lack ${fields}; ` +
          'install the CRDs of the version that writes them',
      )
    })

  it('is told of no other error', () => {
    for (const other of [error(409, 'the object has been modified'), new Error('unknown field "a"')])
      assert.equal(unknownFieldError(other, things), other)
  })
})
