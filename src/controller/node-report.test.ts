import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { HostDocument } from '../api/host-document.ts'
import type { NodeCpuFeatures } from '../api/node-cpu-features.ts'
import { nodeReport } from './node-report.ts'

const KEPT = { kernel: { release: '6.18.1', bootID: 'a' } } as HostDocument
const classify = () => ({ class: 'aaaa', host: KEPT })

const report = (status?: NodeCpuFeatures['status']): NodeCpuFeatures => ({
  apiVersion: 'cpufeatures.dev/v1alpha1',
  kind: 'NodeCpuFeatures',
  metadata: { name: 'n1', uid: 'u1', resourceVersion: '7', labels: { big: 'label' } },
  ...(status === undefined ? {} : { status }),
})

const probed = (status: 'True' | 'False', reason: string) => ({
  conditions: [{ type: 'Probed', status, reason, message: '', lastTransitionTime: '2026-01-01T00:00:00Z' }],
})

describe('a report in memory', () => {
  it("keeps the class's one document, and the kernel and boot of this node", () => {
    const host = { kernel: { release: '6.18.9', bootID: 'b' } } as HostDocument
    const { state, metadata } = nodeReport(report({ host }), classify)
    assert.deepEqual(state, {
      kind: 'host',
      class: 'aaaa',
      host: KEPT,
      kernel: '6.18.9',
      bootID: 'b',
      refused: [],
    })
    assert.deepEqual(metadata, { name: 'n1', uid: 'u1', resourceVersion: '7' })
  })

  it('keeps the revisions that the node has refused', () => {
    const host = { kernel: { release: '6.18.9', bootID: 'b' } } as HostDocument
    const refusedRevisions = [{ revision: 'fleet-0123456789', refused: [{ register: 'ID_AA64ISAR0_EL1' }] }]
    const { state } = nodeReport(report({ host, refusedRevisions }), classify)
    assert.deepEqual(state.kind === 'host' && state.refused, refusedRevisions)
  })

  it('is pending until the agent has looked', () => {
    assert.deepEqual(nodeReport(report(), classify).state, { kind: 'pending' })
    assert.deepEqual(nodeReport(report({}), classify).state, { kind: 'pending' })
  })

  it('says why there is no usable KVM', () => {
    assert.deepEqual(nodeReport(report(probed('False', 'KernelTooOld')), classify).state, {
      kind: 'no-host',
      reason: 'KernelTooOld',
    })
  })
})
