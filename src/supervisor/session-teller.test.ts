import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { samplePlan } from '../../test/fixtures/sample-plan.ts'
import { refusal } from '../catalogue/refusal-reasons.ts'
import { launchPolicy } from '../launch/decide/launch-policy.ts'
import type { LaunchRecord } from '../launch/record/launch-record.ts'
import { LaunchRecorder } from '../launch/record/launch-recorder.ts'
import { sessionTeller, type Telling } from './session-teller.ts'
import type { SupervisorOrder } from './supervisor-order.ts'

const refusedRecord = (): LaunchRecord => {
  const result = launchPolicy(samplePlan())
  assert.ok(result.kind === 'policy')
  const recorder = new LaunchRecorder(result.policy)
  recorder.addRefusals([refusal({ reason: 'VmmExited' })], true)
  return recorder.record()
}

describe('reporting the moments of a launch', () => {
  const tellRefusals = (report: SupervisorOrder['report']) => {
    const reports: LaunchRecord[] = []
    const telling: Telling = {
      say: () => undefined,
      pending: new Set(),
      // A cluster that does not answer.
      reportLaunch: (_, record) => {
        reports.push(record)
        return new Promise(() => undefined)
      },
    }
    const order = { plan: samplePlan(), quiet: true, ...(report !== undefined && { report }) }
    const tell = sessionTeller(order, telling)
    for (let time = 0; time < 1000; time++) tell('refused', refusedRecord())
    return { reports: reports.length, pending: telling.pending.size }
  }

  it('keeps nothing pending where no cluster is to be told', () => {
    assert.deepEqual(tellRefusals(undefined), { reports: 0, pending: 0 })
  })

  it('keeps one report pending where the cluster does not answer', () => {
    const report = { nodeName: 'node', revision: 'fleet-1' }
    assert.deepEqual(tellRefusals(report), { reports: 1, pending: 1 })
  })
})
