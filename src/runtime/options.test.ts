import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as z from 'zod'
import { readOptions } from './options.ts'

const TABLE = {
  listen: { flag: 'listen', env: 'X_LISTEN', help: 'Give host:port.', schema: z.string().default(':8080') },
  node: { flag: 'node-name', env: 'X_NODE', help: 'Give the name of the Node.', schema: z.string() },
  seconds: { flag: 'seconds', help: 'Give a whole number.', schema: z.coerce.number().int().default(5) },
}

describe('options', () => {
  it('come from the flag, else the variable, else the default', () => {
    const source = { argv: ['--listen', ':1'], env: { X_LISTEN: ':2', X_NODE: 'n1' } }
    const result = readOptions(TABLE, source)
    assert.deepEqual(result, { kind: 'options', values: { listen: ':1', node: 'n1', seconds: 5 } })
  })

  it('name every option that is wrong, the value and the fix', () => {
    const result = readOptions(TABLE, { argv: ['--seconds=1.5'], env: { X_NODE: '' } })
    assert.ok(result.kind === 'invalid')
    assert.match(result.text, /^--node-name \(or X_NODE\) is missing\. Give the name of the Node\.$/m)
    assert.match(result.text, /^--seconds has the value "1\.5": .*\. Give a whole number\.$/m)
  })

  it('refuse a flag that is not there', () => {
    const result = readOptions(TABLE, { argv: ['--lisen=:1'], env: { X_NODE: 'n' } })
    assert.ok(result.kind === 'invalid')
    assert.match(result.text, /--lisen/)
  })
})
