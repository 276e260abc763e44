import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { distinctNames } from './distinct-names.ts'

const files = (...sources: string[]) =>
  sources.map((source) => ({ source, name: source.replace(/^.*\//, '').replace(/\.\w+$/, '') }))

describe('distinctNames', () => {
  it('leaves names that are different as they are', () => {
    assert.deepEqual(distinctNames(files('a/one.json', 'a/two.json')), ['one', 'two'])
  })

  it('tells files of one base name apart by as much of their paths as it takes', () => {
    assert.deepEqual(distinctNames(files('a/host.json', 'b/host.json', 'a/other.json')), [
      'a/host',
      'b/host',
      'other',
    ])
    assert.deepEqual(distinctNames(files('x/old/h.json', 'y/old/h.json')), ['x/old/h', 'y/old/h'])
  })

  it('counts the items of one file, and names the file of objects of one name', () => {
    const item = { name: 'hosts', source: 'hosts.json' }
    assert.deepEqual(distinctNames([item, { ...item }]), ['hosts[0]', 'hosts[1]'])
    assert.deepEqual(
      distinctNames([
        { name: 'worker-1', source: 'a.json' },
        { name: 'worker-1', source: 'b.json' },
      ]),
      ['worker-1 (a.json)', 'worker-1 (b.json)'],
    )
  })
})
