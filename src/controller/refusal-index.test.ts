import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { HostDocument } from '../api/host-document.ts'
import type { ReportState } from './node-report.ts'
import { RefusalIndex } from './refusal-index.ts'

const HOSTS = { aaaa: {} as HostDocument, bbbb: {} as HostDocument }

/** A report of a class, of which the node refuses revisions at a register. */
const report = (
  hostClass: keyof typeof HOSTS,
  register: string,
  ...revisions: string[]
): { state: ReportState } => ({
  state: {
    ...{ kind: 'host', class: hostClass, host: HOSTS[hostClass], kernel: '6.18.0', bootID: 'a' },
    refused: revisions.map((revision) => ({ revision, refused: [{ register }] })),
  },
})

describe('a refusal', () => {
  const index = new RefusalIndex(
    new Map<string, { state: ReportState }>([
      ['n0', { state: { kind: 'pending' } }],
      ['n1', report('aaaa', 'FIRST')],
      ['n3', report('aaaa', 'SECOND', 'r', 's')],
      ['n2', report('aaaa', 'THIRD', 'r')],
      ['n4', report('bbbb', 'FOURTH', 't')],
    ]),
  )

  it('of one node is that of its class, and of no other class or revision', () => {
    assert.equal(index.get(HOSTS.aaaa, 's')?.node, 'n3')
    assert.equal(index.get(HOSTS.bbbb, 's'), undefined)
    assert.equal(index.get(HOSTS.aaaa, 't'), undefined)
    assert.deepEqual(index.pairs(), ['aaaa/r', 'aaaa/s', 'bbbb/t'])
  })

  it('is told in the words of the node that reported first, so that the text does not change with each that follows', () => {
    assert.deepEqual(index.get(HOSTS.aaaa, 'r'), {
      node: 'n3',
      refused: { revision: 'r', refused: [{ register: 'SECOND' }] },
    })
  })
})
