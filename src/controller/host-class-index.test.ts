import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { HostDocument } from '../api/host-document.ts'
import { HostClassIndex } from './host-class-index.ts'
import type { NodeReport } from './node-report.ts'

const HOST = {} as HostDocument

const refusing = (name: string, bootID: string): NodeReport => ({
  apiVersion: 'cpufeatures.dev/v1alpha1',
  kind: 'NodeCpuFeatures',
  metadata: { name },
  state: {
    ...{ kind: 'host', class: 'aaaa', host: HOST, kernel: '6.18.0', bootID },
    refused: [{ revision: 'r', refused: [{ register: 'ID_AA64ISAR0_EL1' }] }],
  },
})

describe('what a node refused', () => {
  it('counts while the node is there and has not booted since', () => {
    const index = new HostClassIndex()
    index.set('n1', refusing('n1', 'first'))
    // A node that is gone: its report may stay for a while.
    assert.deepEqual(index.refusals(), [])
    assert.equal(index.setBoot('n1', 'first'), true)
    assert.deepEqual(index.refusals(), ['aaaa/r'])
    assert.equal(index.setBoot('n1', 'first'), false)
    // Its agent has not come back, perhaps never does, and the kernel may be another one.
    assert.equal(index.setBoot('n1', 'second'), true)
    assert.deepEqual(index.refusals(), [])
    index.set('n1', refusing('n1', 'second'))
    assert.equal(index.refusal(HOST, 'r')?.node, 'n1')
    assert.equal(index.removeBoot('n1'), true)
    assert.equal(index.refusal(HOST, 'r'), undefined)
  })
})
