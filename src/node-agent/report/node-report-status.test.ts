import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fixtureHost } from '../../../test/fixtures/host-documents.ts'
import type { HostDocument } from '../../api/host-document.ts'
import type { NodeCpuFeaturesStatus } from '../../api/node-cpu-features.ts'
import type { TrialFindings } from '../trials/trial-findings.ts'
import { nodeReportStatus } from './node-report-status.ts'

const V1 = fixtureHost('neoverse-v1-6.18')
const bootOf = (bootID: string): HostDocument => ({ ...V1, kernel: { ...V1.kernel, bootID } })

const REFUSED: TrialFindings = {
  refused: [{ revision: 'fleet-0123456789', refused: [{ register: 'ID_AA64ISAR0_EL1', errno: 'EINVAL' }] }],
  failed: [],
}

const statusOf = (
  bootID: string,
  trials: TrialFindings | undefined,
  previous?: NodeCpuFeaturesStatus,
): NodeCpuFeaturesStatus =>
  nodeReportStatus(
    { result: { kind: 'probed', host: bootOf(bootID) }, serving: undefined, trials },
    previous,
    new Date(0),
  )

const trialsOf = ({ conditions, refusedRevisions }: NodeCpuFeaturesStatus) => [
  conditions?.find(({ type }) => type === 'TrialsPassed')?.status,
  refusedRevisions?.map(({ revision }) => revision),
]

describe('the trials in a report', () => {
  it('are not there before they are made: that is no refusal, and no proof', () => {
    assert.deepEqual(trialsOf(statusOf('a', undefined)), [undefined, undefined])
  })

  it('are there once they are made, and gone when KVM takes the revision', () => {
    const refused = statusOf('a', REFUSED)
    assert.deepEqual(trialsOf(refused), ['False', ['fleet-0123456789']])
    assert.deepEqual(trialsOf(statusOf('a', { refused: [], failed: [] }, refused)), ['True', undefined])
  })

  it('of an earlier agent stay until the next one has made its own; over a boot only a refusal', () => {
    const refused = statusOf('a', REFUSED)
    const passed = statusOf('a', { refused: [], failed: [] })
    assert.deepEqual(statusOf('a', undefined, refused), refused)
    assert.deepEqual(statusOf('a', undefined, passed), passed)
    assert.deepEqual(trialsOf(statusOf('b', undefined, refused)), ['False', ['fleet-0123456789']])
    assert.deepEqual(trialsOf(statusOf('b', undefined, passed)), [undefined, undefined])
  })

  it('are gone where there is no KVM any more', () => {
    const result = { kind: 'no-kvm', errno: 'ENOENT', message: 'no', remedy: 'none' } as const
    const status = nodeReportStatus(
      { result, serving: undefined, trials: REFUSED },
      statusOf('a', REFUSED),
      new Date(0),
    )
    assert.deepEqual(trialsOf(status), [undefined, undefined])
  })
})
