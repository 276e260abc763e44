import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { HostDocument } from '../api/host-document.ts'
import { HostClassIndex } from './host-class-index.ts'
import type { NodeReport, ReportState } from './node-report.ts'
import { select } from './selection.ts'

const host = (release: string) => ({ kernel: { release, bootID: '' } }) as HostDocument

const report = (name: string, state: ReportState): NodeReport => ({
  apiVersion: 'cpufeatures.dev/v1alpha1',
  kind: 'NodeCpuFeatures',
  metadata: { name },
  state,
})

const fleet = () => {
  const index = new HostClassIndex()
  const of = (name: string, hostClass: string, kernel = '6.18.0') => {
    const state = {
      kind: 'host',
      class: hostClass,
      host: index.intern(hostClass, host(kernel)),
      kernel,
      bootID: 'a',
      refused: [],
    } as const
    index.set(name, report(name, state))
  }
  of('n2', 'bbbb')
  of('n1', 'aaaa', '6.18.5')
  of('n3', 'aaaa')
  index.set('n4', report('n4', { kind: 'no-host', reason: 'NoKvm' }))
  index.set('n5', report('n5', { kind: 'pending' }))
  return index
}

const EAST = { zone: 'east' }
const ofNodes = new Map<string, Record<string, string>>([
  ['n1', EAST],
  ['n2', { zone: 'west' }],
  ['n3', {}],
  ['n4', EAST],
  ['n5', EAST],
  ['n6', { ...EAST, 'kubernetes.io/arch': 'amd64' }],
])
const nodes = new Map([...ofNodes].map(([name, labels]) => [name, { labels, createdMs: 5 }]))

describe('the host classes', () => {
  it('are sorted, with sorted nodes and one document each', () => {
    const entries = fleet().entries()
    assert.deepEqual(
      entries.map((one) => [one.class, one.nodes, one.kernel]),
      [
        ['aaaa', ['n1', 'n3'], '6.18.5'],
        ['bbbb', ['n2'], '6.18.0'],
      ],
    )
    const index = fleet()
    const first = index.intern('aaaa', host('x'))
    assert.notEqual(first.kernel.release, 'x')
    assert.equal(index.intern('aaaa', host('y')), first)
  })

  it('count every report, and those without a usable KVM', () => {
    assert.equal(fleet().total, 5)
    assert.equal(fleet().withoutKvm, 1)
  })

  it('change only when a profile could tell', () => {
    const index = fleet()
    const state = {
      kind: 'host',
      class: 'bbbb',
      host: host('6.18.0'),
      kernel: '6.18.0',
      bootID: 'a',
      refused: [],
    } as const
    assert.equal(index.set('n2', report('n2', state)), false)
    assert.equal(index.set('n2', report('n2', { ...state, kernel: '7.0.0' })), true)
    assert.equal(index.set('n2', report('n2', { ...state, class: 'cccc' })), true)
    const refused = [{ revision: 'fleet-0123456789', refused: [] }]
    assert.equal(index.set('n2', report('n2', { ...state, refused })), true)
    assert.equal(index.set('n2', report('n2', { ...state, refused: structuredClone(refused) })), false)
    assert.equal(index.set('n5', report('n5', { kind: 'pending' })), false)
    assert.equal(index.set('n4', report('n4', { kind: 'no-host', reason: 'NoKvm' })), false)
    assert.equal(index.set('n4', report('n4', { kind: 'no-host', reason: 'KernelTooOld' })), true)
    assert.equal(index.remove('n4'), true)
    assert.equal(index.remove('n4'), false)
  })
})

describe('a selection', () => {
  it('of everything is every node that has reported, and waits for none', () => {
    const { perClass, unreported } = select({}, fleet(), nodes)
    assert.deepEqual(Object.fromEntries(perClass), { aaaa: 2, bbbb: 1 })
    assert.deepEqual(unreported, [])
  })

  it('by label counts selected nodes by class, and names those that have not reported', () => {
    const { perClass, unreported } = select({ matchLabels: EAST }, fleet(), nodes)
    assert.deepEqual(Object.fromEntries(perClass), { aaaa: 1 })
    assert.deepEqual(unreported, [
      { node: 'n5', architecture: undefined, createdMs: 5 },
      { node: 'n6', architecture: 'amd64', createdMs: 5 },
    ])
  })
})
