import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { jsonValue } from './json-value.ts'

describe('jsonValue', () => {
  it('says whether an object has a key twice, wherever it is', () => {
    const repeats = (text: string): boolean | undefined => jsonValue(text, 'x.json')?.repeats
    assert.equal(repeats('{"a": {"b": 1, "c": [{"b": 2}]}, "b": "\\"a\\": 1, b: 2"}'), false)
    assert.equal(repeats('{"a": [{"b": 1, "c": 2, "b": 3}]}'), true)
    assert.equal(repeats('[]'), false)
  })

  it('is undefined for what is no JSON', () => {
    for (const text of ['{ base: [', '{"a": 1}\n{"b": 2}', "{'a': 1}", '[host, 0x1'])
      assert.equal(jsonValue(text, 'x.json'), undefined, text)
  })

  it('says where JSON breaks off, wherever it was cut', () => {
    const whole = JSON.stringify({ a: { b: 'text', c: [1, true] } }, undefined, 1)
    for (let end = 1; end < whole.length; end += 1) {
      const line = whole.slice(0, end).trimEnd().split('\n').length
      const message = `x.json breaks off at line ${line}: the end of the JSON is missing; copy the file again`
      assert.throws(() => jsonValue(whole.slice(0, end), 'x.json'), { message }, whole.slice(0, end))
    }
  })
})
