import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as z from 'zod'
import { unknownKeys } from './unknown-keys.ts'

const schema = z.object({
  name: z.string(),
  features: z.object({ sve: z.string().optional() }),
  registers: z.array(z.object({ register: z.string() })),
  byName: z.record(z.string(), z.int()).optional(),
})

const unknownOf = (document: unknown): string[] =>
  unknownKeys(document, schema.parse(document)).map(({ path }) => path.join('.'))

describe('unknownKeys', () => {
  const known = { name: 'a', features: { sve: 'Disabled' }, registers: [{ register: 'X' }], byName: { a: 1 } }

  it('finds none where the schema knows all', () => {
    assert.deepEqual(unknownOf(known), [])
    assert.deepEqual(unknownOf({ ...known, features: {}, byName: undefined }), [])
  })

  it('names each by its path, wherever it is', () => {
    const document = {
      ...known,
      newer: {},
      features: { sme: 'Disabled' },
      registers: [{ register: 'X' }, { register: 'Y', atLeast: 1 }],
    }
    assert.deepEqual(unknownOf(document), ['features.sme', 'registers.1.atLeast', 'newer'])
  })
})
